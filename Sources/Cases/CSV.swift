// CSV for spreadsheets (RFC 4180), where no cell can become a formula.

public enum CSV {
  /// What spreadsheets take for the beginning of a formula: = + - @ and their full-width forms.
  private static let signs: Set<UInt32> = [0x3D, 0x2B, 0x2D, 0x40, 0xFF1D, 0xFF0B, 0xFF0D, 0xFF20]

  /// A field, quoted where it must be. A text that a spreadsheet would take for a formula gets an apostrophe before it
  /// (ASVS 1.2.10), also where it begins with blanks, a tab or a line break: importers cut those.
  public static func field(_ text: String) -> String {
    var field = text.printable
    let begins = text.unicodeScalars.first?.value
    let first = field.unicodeScalars.first { $0 != " " }?.value
    if first.map(signs.contains) ?? false || begins == 0x09 || begins == 0x0D || begins == 0x0A {
      field = "'" + field
    }
    guard field.utf8.contains(where: { $0 == 0x22 || $0 == 0x2C }) else { return field }
    var quoted: [UInt8] = [0x22]
    for byte in field.utf8 {
      if byte == 0x22 { quoted.append(0x22) }
      quoted.append(byte)
    }
    quoted.append(0x22)
    return String(decoding: quoted, as: UTF8.self)
  }
}

extension String {
  /// Text from mail on one line of a terminal or a file: no control characters, no direction overrides.
  public var printable: String {
    var result = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: result.append(" ")
      case .format, .surrogate, .privateUse, .unassigned: continue
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
