/// Numbers as people read them.
public enum NumberText {
    /// Digits in groups of three, parted by commas: `1,234,567`.
    public static func grouped(_ number: Int64) -> String {
        let digits = String(number.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (number < 0 ? "-" : "") + text
    }

    /// With exactly `places` digits after the point; `–` for what is not a number.
    public static func fixed(_ number: Double, _ places: Int) -> String {
        guard number.isFinite, abs(number) < 1e15 else { return number.isFinite ? "\(number)" : "–" }
        precondition((0...6).contains(places), "a double has no more than six useful places here")
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        let scaled = (number * scale).rounded()
        guard abs(scaled) < 1e18 else { return "\(number)" }
        let digits = String(Int64(scaled).magnitude)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let sign = scaled < 0 ? "-" : ""
        guard places > 0 else { return sign + padded }
        return sign + padded.dropLast(places) + "." + padded.suffix(places)
    }

    /// A size in bytes, in powers of 1024: `512 B`, `3.4 MiB`.
    public static func bytes(_ count: Int64) -> String {
        var value = Double(count)
        var unit = 0
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        while abs(value) >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return "\(fixed(value, unit == 0 ? 0 : 1)) \(units[unit])"
    }
}
