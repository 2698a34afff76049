import Foundation
import FuzzTrials

// What libFuzzer calls. One program holds all targets; WINBACK_FUZZ_TARGET names the one that runs.

/// Used by libFuzzer's one thread only.
nonisolated(unsafe) private let trial: any FuzzTrial = {
    let name = ProcessInfo.processInfo.environment["WINBACK_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        fail("WINBACK_FUZZ_TARGET is one of \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    do { return try target.makeTrial() } catch { fail("\(error)") }
}()

@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<Int32>?,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>>>?
) -> Int32 {
    FileHandle.standardError.write(Data("winback: inputs per execution: \(trial.inputsPerRun)\n".utf8))
    return 0
}

private func fail(_ what: String) -> Never {
    FileHandle.standardError.write(Data("winback: \(what)\n".utf8))
    abort()
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    if let wrong = trial.run(UnsafeRawBufferPointer(start: data, count: size)) { fail(wrong) }
    return 0
}

@_silgen_name("LLVMFuzzerMutate")
private func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int) -> Int

@_cdecl("LLVMFuzzerCustomMutator")
public func mutateAndRepair(
    _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int, _ seed: UInt32
) -> Int {
    let size = mutate(data, size, maximum)
    trial.repair(UnsafeMutableRawBufferPointer(start: data, count: size), choice: seed)
    return size
}
