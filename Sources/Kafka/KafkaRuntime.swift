internal import CKafka

// Under a sanitizer there is none.
#if canImport(CJemalloc)
    internal import CJemalloc
#endif

/// The librdkafka that runs in this process, and the allocator that it runs on.
public enum KafkaRuntime {
    /// Such as `2.0.2`.
    public static var librdkafkaVersion: String { String(cString: rd_kafka_version_str()) }

    /// Such as `5.3.0`; `none` in a build for a sanitizer, which brings an allocator of its own.
    ///
    /// jemalloc takes the place of the C library's allocator in the whole process. librdkafka allocates for each message in
    /// its own thread what is freed in ours, which costs glibc a lock each time: `winback-bench --kafka` folds a sixth more
    /// events per second on jemalloc.
    public static var jemallocVersion: String {
        #if canImport(CJemalloc)
            var text: UnsafePointer<CChar>?
            var size = MemoryLayout<UnsafePointer<CChar>?>.size
            guard mallctl("version", &text, &size, nil, 0) == 0, let text else { return "unknown" }
            return String(cString: text).split(separator: "-").first.map(String.init) ?? "unknown"
        #else
            return "none"
        #endif
    }
}
