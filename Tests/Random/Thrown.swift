/// The error of a type that some work throws; `nil` where it throws none or another one. (`#expect(throws:)` hands the error out
/// from Swift 6.1 on.)
public func thrown<Failure: Error, Value>(_ type: Failure.Type, by work: () throws -> Value) -> Failure? {
    do { _ = try work() } catch { return error as? Failure }
    return nil
}
