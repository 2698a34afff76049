import Glibc

/// Waiting between two attempts. Never for a result: every caller asks again afterwards.
enum Pause {
    static func milliseconds(_ milliseconds: Int, unless stop: StopSignal) {
        var left = milliseconds
        while left > 0 && !stop.isRequested {
            let slice = min(left, 20)
            usleep(UInt32(slice) * 1000)
            left -= slice
        }
    }
}
