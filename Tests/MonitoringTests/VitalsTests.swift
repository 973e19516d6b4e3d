import Deadlines
import Monitoring
import Testing

@Suite struct VitalsTests {
  @Test func beginsEmpty() {
    let vitals = Vitals(at: Instant(unixSeconds: 0))
    #expect(vitals.mailboxes.isEmpty && vitals.acknowledgement == .init() && vitals.misses == nil)
  }
}
