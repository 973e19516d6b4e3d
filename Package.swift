// swift-tools-version: 6.2
import PackageDescription

// Modules, lowest first; an arrow only ever points up this list (docs: DESIGN's module table).
//   MIME, Deadlines   pure, import nothing of ours
//   Trends            control limits, silence, new themes: pure statistics, imports nothing of ours
//   Metering          how a module declares the metrics of its own events
//   CCurl             libcurl's module map and typed shims, nothing else
//   Transport         what every connection to a mail server needs: libcurl, secrets, tokens, threads
//   IMAP              server -> messages, on a connection that libcurl opened
//   Triage            message -> verdict
//   Cases             cases, ledger and queue on disk
//   Outbound          acknowledgements: templates, to whom they may go, outbox, SMTP
//   Pipeline          poll, parse, judge, date, record, settle
//   Monitoring        what operations watch: figures, alarms, metrics, reports
//   Alarms            alarms and the digest to people, by mail and webhook
//   Review            the desk: pages over the queue
//   DemoServer        a loopback IMAP server over a folder of .eml files
//   intake            the command
let package = Package(
  name: "intake",
  products: [
    .executable(name: "intake", targets: ["intake"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
  ],
  targets: [
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(name: "MIME"),
    .target(name: "Deadlines"),
    // Years of counts are millions of steps; optimised as releases are, so that tests can look at many of them.
    .target(name: "Trends", swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]),
    .target(name: "Metering", dependencies: [.product(name: "Metrics", package: "swift-metrics")]),
    .target(name: "Transport", dependencies: ["CCurl", .product(name: "Logging", package: "swift-log")]),
    .target(
      name: "IMAP",
      dependencies: [
        "CCurl", "Transport", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    // The encoder's loops take seconds a message when they are not optimised, so tests build them as releases do.
    .target(
      name: "Reader",
      swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]),
    .target(name: "Triage", dependencies: ["MIME", "Reader"]),
    .target(
      name: "Cases",
      dependencies: [
        "MIME", "Deadlines", "Metering", "Triage",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(
      name: "Pipeline",
      dependencies: [
        "Cases", "Deadlines", "IMAP", "MIME", "Metering", "Transport", "Triage",
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(
      name: "Outbound",
      dependencies: [
        "CCurl", "Cases", "Deadlines", "MIME", "Metering", "Transport", "Triage",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Mustache", package: "swift-mustache"),
      ]),
    .target(
      name: "Monitoring",
      dependencies: [
        "Cases", "Deadlines", "Metering", "Triage", "Trends",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
      ]),
    .target(
      name: "Alarms",
      dependencies: [
        "Cases", "Deadlines", "Monitoring", "Outbound", "Transport",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(
      name: "Review",
      dependencies: [
        "Cases", "Deadlines", "MIME", "Metering", "Monitoring", "Triage", "Trends",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "JWTKit", package: "jwt-kit"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Mustache", package: "swift-mustache"),
      ],
      resources: [.embedInCode("Resources")]),
    .target(name: "DemoServer"),
    .executableTarget(
      name: "intake",
      dependencies: [
        "Alarms",
        "Cases", "Deadlines", "DemoServer", "IMAP", "MIME", "Metering", "Monitoring", "Outbound", "Pipeline",
        "Review",
        "Transport", "Triage",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "Yams", package: "Yams"),
      ]),
    .executableTarget(
      name: "ReaderBench", dependencies: ["Reader"], path: "Benchmarks/ReaderBench"),
    .executableTarget(
      name: "TriageBench", dependencies: ["Triage"], path: "Benchmarks/TriageBench", exclude: ["others.py"]),
    .executableTarget(
      name: "HistoryMaker",
      dependencies: ["Cases", "Deadlines", "Triage", "Trends", .product(name: "Yams", package: "Yams")],
      path: "Benchmarks/HistoryMaker"),
    .executableTarget(
      name: "ParseBench", dependencies: ["MIME", .product(name: "Crypto", package: "swift-crypto")],
      path: "Benchmarks/ParseBench"),
    .executableTarget(name: "FuzzMIME", dependencies: ["MIME"], path: "Tests/FuzzMIME"),
    // The labelled mail is read where it lies: as a resource it would be copied at every build.
    .testTarget(name: "MIMETests", dependencies: ["MIME"], exclude: ["OwnWords"]),
    .testTarget(name: "DeadlinesTests", dependencies: ["Deadlines"]),
    .testTarget(name: "TrendsTests", dependencies: ["Trends"]),
    .testTarget(name: "IMAPTests", dependencies: ["IMAP", "Transport", "DemoServer"]),
    .testTarget(name: "ReaderTests", dependencies: ["Reader"]),
    .testTarget(
      name: "TriageTests", dependencies: ["Triage", "MIME"], exclude: ["TestMail", "ForeignMail"]),
    .testTarget(
      name: "CasesTests",
      dependencies: ["Cases", "Deadlines", "MIME", "Triage"]),
    .testTarget(
      name: "PipelineTests",
      dependencies: ["Cases", "Deadlines", "DemoServer", "IMAP", "Pipeline", "Transport", "Triage"]),
    // Servers that misbehave as a test tells them to.
    .target(name: "TestServers", dependencies: ["Transport"], path: "Tests/TestServers"),
    .testTarget(
      name: "AlarmsTests",
      dependencies: [
        "Alarms", "Cases", "Deadlines", "Monitoring", "Outbound", "TestServers", "Transport",
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "OutboundTests",
      dependencies: [
        "Cases", "Deadlines", "MIME", "Outbound", "TestServers", "Transport", "Triage",
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "MonitoringTests",
      dependencies: [
        "Cases", "Deadlines", "Metering", "Monitoring", "Triage", "Trends",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
      ]),
    .testTarget(
      name: "ReviewTests",
      dependencies: [
        "Cases", "Deadlines", "MIME", "Monitoring", "Review", "Transport", "Triage",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(name: "DemoServerTests", dependencies: ["DemoServer"]),
    .testTarget(
      name: "intakeTests",
      dependencies: [
        "intake", "Cases", "Deadlines", "Monitoring", "Pipeline", "Review", "Transport", "Triage",
        .product(name: "Logging", package: "swift-log"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)

// Every target of ours is held to the same strictness, so that a new one cannot forget it.
for target in package.targets where target.type != .system {
  target.swiftSettings =
    (target.swiftSettings ?? []) + [
      .treatAllWarnings(as: .error),
      .enableUpcomingFeature("ExistentialAny"),
      .enableUpcomingFeature("MemberImportVisibility"),
    ]
}
