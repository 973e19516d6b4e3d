// An evaluation as text for people.

extension Share {
  /// "97.5 % (94.1-99.2), 197 of 202"
  public var text: String {
    "\(Self.percent(value)) % (\(Self.percent(low))-\(Self.percent(high))), \(count) of \(of)"
  }

  static func percent(_ value: Double) -> String {
    let tenths = Int((value * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}

extension Evaluation {
  /// The figures, a line each; intervals are Clopper and Pearson's at 95 %.
  public var report: String {
    var out: [String] = []
    func line(_ name: String, _ value: String) {
      out.append(name + String(repeating: " ", count: max(1, 46 - name.utf8.count)) + value)
    }
    line("messages", "\(count)")
    line("complaints that reach a person", recall.text)
    line("  of these called complaint", recalledAsComplaint.text)
    line("others that a person must read", othersRead.text)
    line("  called complaint", othersCalledComplaint.text)
    line("  \"somebody complained about me\": so called", otherLettersCalledComplaint.text)
    line("called complaint that are", precision.text)
    line("first leaf right", topLeaf.text)
    line("leaf among the first three", topThreeLeaves.text)
    line("flags: precision", flagPrecision.text)
    line("flags: recall", flagRecall.text)
    let error = calibrationError
    line(
      "calibration error (10 bins)",
      "\(Share.percent(error.value)) % (\(Share.percent(error.low))-\(Share.percent(error.high)), bootstrap)")
    line("area under the curve", "\(rounded(areaUnderCurve))")
    out.append("\nby difficulty: complaints that reach a person; others that do")
    for row in byDifficulty {
      line("  \(row.name)", [row.complaints?.text ?? "-", row.others?.text ?? "-"].joined(separator: ";  "))
    }
    out.append("\nby leaf: found first; right where given")
    for row in byLeaf { line("  \(row.leaf)", "\(row.recall.text);  \(row.precision.text)") }
    out.append("\nby flag: precision; recall")
    for row in flags where row.recall.of + row.precision.of > 0 {
      line("  \(row.kind.rawValue)", "\(row.precision.text);  \(row.recall.text)")
    }
    if !confusions.isEmpty { out.append("\nconfused (truth, given, times)") }
    for row in confusions.prefix(15) { out.append("  \(row.truth)  \(row.given)  \(row.count)") }
    if !passedOver.isEmpty { out.append("\ncomplaints passed over") }
    for one in passedOver {
      out.append("  \(one.label) [\(one.label.difficulty)] \(one.verdict.probability)")
    }
    if !wronglyCalled.isEmpty { out.append("\nothers called complaint") }
    for one in wronglyCalled {
      out.append("  \(one.label) [\(one.label.difficulty)] \(one.verdict.probability)")
    }
    return out.joined(separator: "\n")
  }
}
