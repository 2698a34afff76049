import DiskTestSupport
import Simulator
import Testing

/// A part of the walk that `scripts/simulate --faults` makes in full. A failure names its point, which repeats it exactly.
@Suite struct FaultWalkTests {
    @Test func withoutAFaultEverythingComesOnce() throws {
        let outcome = try FaultWalk().play(keepsSteps: true)
        #expect(outcome.violations == [])
        #expect(outcome.steps.count > 500 && outcome.happened.isEmpty)
    }

    /// One call of many for each fault, so that each kind is met.
    @Test(arguments: Fault.allCases)
    func noFaultAtAnyCallBreaksAPromise(_ fault: Fault) throws {
        let walk = try FaultWalk()
        let points = walk.singles(walk.play(keepsSteps: true).steps).filter { $0.fault == fault }
        #expect(!points.isEmpty)
        let stride = max(1, points.count / 6)
        for (index, point) in points.enumerated() where index % stride == 0 {
            let outcome = walk.play(point)
            #expect(outcome.violations == [], "scripts/simulate --fault \(point)")
            #expect(outcome.happened[fault] ?? 0 > 0)
        }
    }
}
