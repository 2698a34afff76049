import CChecksum
import RandomTestSupport
import Testing

@testable import Journal

@Suite struct BytesTests {
    @Test func numbersComeBackAsTheyWere() throws {
        var writer = ByteWriter(capacity: 1)
        var random = SeededGenerator(seed: 5)
        var numbers: [UInt64] = [0, 1, 127, 128, 16383, 16384, .max - 1, .max, 1 << 63, (1 << 63) - 1]
        for _ in 0..<500 { numbers.append(random.next() >> (random.next() % 64)) }
        for number in numbers {
            writer.appendVarint(number)
            writer.appendZigZag(Int64(bitPattern: number))
            writer.appendFixed(number)
            writer.appendFixed(UInt16(truncatingIfNeeded: number))
            writer.append(UInt8(truncatingIfNeeded: number))
            writer.appendPrefixed("é\(number)")
        }
        var reader = ByteReader(writer.bytes)
        for number in numbers {
            #expect(try reader.readVarint() == number)
            #expect(try reader.readZigZag() == Int64(bitPattern: number))
            #expect(try reader.readFixed(UInt64.self) == number)
            #expect(try reader.readFixed(UInt16.self) == UInt16(truncatingIfNeeded: number))
            #expect(try reader.readByte() == UInt8(truncatingIfNeeded: number))
            #expect(try reader.readPrefixedText() == "é\(number)")
        }
        #expect(reader.isAtEnd)
    }

    @Test func smallNumbersOfEitherSignAreShort() {
        for (number, length) in [(0, 1), (-1, 1), (63, 1), (-64, 1), (64, 2), (-65, 2)] as [(Int64, Int)] {
            var writer = ByteWriter()
            writer.appendZigZag(number)
            #expect(writer.count == length)
        }
    }

    @Test func bytesThatEndTooEarlyThrowAtEveryPlace() throws {
        var writer = ByteWriter()
        writer.appendVarint(300)
        writer.appendPrefixed("text")
        writer.appendFixed(UInt32(1))
        for length in 0..<writer.count {
            var reader = ByteReader(UnsafeRawBufferPointer(rebasing: writer.bytes[..<length]))
            let error = failure {
                _ = try reader.readVarint()
                _ = try reader.readPrefixedText()
                _ = try reader.readFixed(UInt32.self)
            }
            #expect(error?.code == .overrun)
        }
    }

    private func failure(_ work: () throws -> Void) -> MalformedBytes? {
        do { try work() } catch { return error as? MalformedBytes }
        return nil
    }

    @Test func malformedBytesThrow() {
        func reading(_ bytes: [UInt8], _ read: (inout ByteReader) throws -> Void) -> MalformedBytes.Code? {
            bytes.withUnsafeBytes { bytes in
                failure {
                    var reader = ByteReader(bytes)
                    try read(&reader)
                }?.code
            }
        }
        let ones = [UInt8](repeating: 0xff, count: 9)
        #expect(reading(ones + [1]) { _ = try $0.readVarint() } == nil)
        #expect(reading(ones + [2]) { _ = try $0.readVarint() } == .overlongNumber)
        #expect(reading(ones + [0x81, 0]) { _ = try $0.readVarint() } == .overlongNumber)
        #expect(reading([2, 0xc3, 0x28]) { _ = try $0.readPrefixedText() } == .invalidText)
        #expect(reading(ones + [1, 0]) { _ = try $0.readPrefixed() } == .overrun)
        #expect(reading([]) { _ = try $0.readByte() } == .overrun)
        #expect(reading([1]) { _ = try $0.readBytes(-1) } == .overrun)
    }

    @Test func theChecksumIsCastagnolis() {
        // RFC 3720, appendix B.4, and the check value of the catalogue of parametrised CRC algorithms.
        func checksum(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { crc32c($0) } }
        #expect(checksum(Array("123456789".utf8)) == 0xe306_9283)
        #expect(checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
        #expect(checksum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
        #expect(checksum(Array(0..<32)) == 0x46dd_794e)
        #expect(checksum(Array((0..<32).reversed())) == 0x113f_db5c)
        #expect(checksum([]) == 0)
    }

    @Test func theProcessorsInstructionAndTheTableAgreeAtEverySizeAndAlignment() {
        var random = SeededGenerator(seed: 9)
        let bytes = (0..<40_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        bytes.withUnsafeBytes { bytes in
            let sizes = Array(0..<900) + [4096, 12287, 12288, 12289, 13056, 24576, 36864, 39_000]
            for size in sizes {
                let part = UnsafeRawBufferPointer(rebasing: bytes[(size % 9)...].prefix(size))
                let expected = winback_crc32c_portable(0, part.baseAddress, part.count)
                #expect(crc32c(part) == expected)
                let half = size / 2
                let first = crc32c(UnsafeRawBufferPointer(rebasing: part[..<half]))
                #expect(crc32c(UnsafeRawBufferPointer(rebasing: part[half...]), from: first) == expected)
            }
        }
    }

    @Test func hashesAreWrittenAndReadAsHexadecimalDigits() throws {
        let text = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef"
        let hash = try #require(FrameHash(hex: text))
        #expect(hash.description == text)
        #expect(FrameHash(hex: text.uppercased()) == hash)
        #expect(FrameHash(hex: text.dropLast()) == nil)
        #expect(FrameHash(hex: text.dropLast() + "g") == nil)
        #expect(FrameHash.zero.description == String(repeating: "0", count: 64))
    }

    @Test func theDigestIsSHA256() {
        let sha = SHA256()
        let abc = Array("abc".utf8)
        // FIPS 180-4's example, in one piece and in two.
        for cut in 0...3 {
            let digest = abc.withUnsafeBytes { bytes in
                sha.digest(
                    UnsafeRawBufferPointer(rebasing: bytes[..<cut]), UnsafeRawBufferPointer(rebasing: bytes[cut...]))
            }
            #expect("\(digest)" == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        }
    }
}
