import Testing

@testable import IMAP
@testable import Transport

@Suite struct SCRAMTests {
  // The examples of RFC 5802 §5 and RFC 7677 §3: user "user", password "pencil".
  @Test func sha1Example() throws {
    var client = SCRAMClient(.sha1, user: "user", password: "pencil", nonce: "fyko+d2lbbFgONRv9qkxdawL")
    #expect(client.first == "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL")
    let final = try client.final(
      serverFirst: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096")
    #expect(final == "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")
    try client.verify(serverFinal: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")
    #expect(throws: SCRAMClient.Failure.self) {
      try client.verify(serverFinal: "v=rmF9pqV8S7suAoZWja4dJRkFsKA=")
    }
    #expect(throws: SCRAMClient.Failure.self) { try client.verify(serverFinal: "") }
  }

  @Test func sha256Example() throws {
    var client = SCRAMClient(.sha256, user: "user", password: "pencil", nonce: "rOprNGfwEbeRWgbNEkqO")
    let final = try client.final(
      serverFirst: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
    #expect(
      final
        == "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    )
    try client.verify(serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
  }

  @Test(arguments: [
    "r=other,s=QSXCR+Q6sek8bf92,i=4096", "r=abc,s=QSXCR+Q6sek8bf92,i=4096", "r=abcd,s=,i=4096",
    "r=abcd,s=QSXCR,i=1",
    "r=abcd,s=QSXCR+Q6sek8bf92,i=0", "r=abcd,s=QSXCR+Q6sek8bf92,i=99999999",
    "m=x,r=abcd,s=QSXCR+Q6sek8bf92,i=1", "",
  ])
  func badServers(_ message: String) {
    var client = SCRAMClient(.sha256, user: "u", password: "p", nonce: "abc")
    #expect(throws: SCRAMClient.Failure.self) { try client.final(serverFirst: message) }
  }

  @Test func namesAreEscaped() {
    #expect(SCRAMClient(.sha1, user: "a,b=c", password: "", nonce: "x").first == "n,,n=a=2Cb=3Dc,r=x")
  }

  @Test func base64RoundTrip() {
    for count in 0..<20 {
      let bytes = (0..<count).map { UInt8($0 * 37 & 0xFF) }
      #expect(SASLBase64.decode(SASLBase64.encode(bytes)) == bytes)
    }
    #expect(SASLBase64.decode("a") == nil && SASLBase64.decode("a!==") == nil)
  }
}
