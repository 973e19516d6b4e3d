// What BERT's tokeniser does with a character that is not ASCII.
//
// The tokeniser that models are trained with (transformers' BertTokenizer) has tables of Unicode 8, and a
// character that came later is a letter to it. So it is here: this agrees with the training, and a newer
// standard library does not change what a text means.

enum TextScalar {
  enum Kind {
    /// Control, format and private characters, what is no UTF-8.
    case dropped
    /// Space of any kind.
    case separator
    /// A mark that goes without ending the word.
    case mark
    /// A Chinese character, a word by itself.
    case ideograph
    /// Part of a word, or punctuation once it is normalised.
    case other
  }

  /// The kind of a scalar beyond ASCII.
  static func kind(of scalar: UInt32) -> Kind {
    guard scalar != ScalarReader.replacement, let known = Unicode.Scalar(scalar) else { return .dropped }
    if isIdeograph(scalar) { return .ideograph }
    switch category(of: known) {
    case .control, .format, .surrogate, .privateUse: return .dropped
    case .spaceSeparator, .lineSeparator, .paragraphSeparator: return .separator
    case .nonspacingMark: return .mark
    default: return .other
    }
  }

  /// The lower case of a scalar that has been decomposed; of such scalars none has more than one.
  static func lowered(_ scalar: UInt32) -> UInt32 {
    guard scalar >= 0x80 else { return 0x41...0x5A ~= scalar ? scalar | 0x20 : scalar }
    guard let known = Unicode.Scalar(scalar), known.properties.changesWhenLowercased else { return scalar }
    return known.properties.lowercaseMapping.unicodeScalars.first?.value ?? scalar
  }

  /// Whether a normalised scalar is punctuation: ASCII that is neither letter nor digit, and category P.
  static func isPunctuation(_ scalar: UInt32) -> Bool {
    guard scalar >= 0x80 else {
      switch scalar {
      case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: return true
      default: return false
      }
    }
    switch Unicode.Scalar(scalar).map(category(of:)) {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      return true
    default: return false
    }
  }

  /// The category that Unicode 8 gave; unassigned for what it did not have.
  private static func category(of scalar: Unicode.Scalar) -> Unicode.GeneralCategory {
    switch scalar.value {
    // Those whose category has changed since, where it matters.
    case 0x166D, 0x1_11C9: return .otherPunctuation
    case 0x1734, 0x1_171E: return .nonspacingMark
    case 0x1885, 0x1886, 0xA9BD: return .otherLetter
    default: break
    }
    guard let age = scalar.properties.age, age.major <= 8 else { return .unassigned }
    return scalar.properties.generalCategory
  }

  /// The blocks that BERT takes for Chinese, assigned or not. (The tokenisers' own block E starts 256 late,
  /// at 2B920; so does this.)
  private static func isIdeograph(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x2_0000...0x2_A6DF, 0x2_A700...0x2_B73F,
      0x2_B740...0x2_B81F, 0x2_B920...0x2_CEAF, 0x2_F800...0x2_FA1F:
      return true
    default: return false
    }
  }
}
