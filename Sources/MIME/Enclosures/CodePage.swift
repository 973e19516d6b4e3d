// Windows code page numbers -> charset names, as TNEF and RTF give them.

enum CodePage {
  /// The charset of a Windows code page (MS-UCODEREF §2.2.1); nil for 0, which means none.
  static func charset(_ number: Int) -> String? {
    switch number {
    case ...0: nil
    case 874: "windows-874"
    case 932: "shift_jis"
    case 936, 54_936: "gb18030"
    case 949: "ks_c_5601-1987"
    case 950: "big5"
    case 1_200: "utf-16le"
    case 1_201: "utf-16be"
    case 1_250...1_258: "windows-\(number)"
    case 1_361: "johab"
    case 10_000: "macintosh"
    case 20_127: "us-ascii"
    case 20_866: "koi8-r"
    case 21_866: "koi8-u"
    case 20_932, 51_932: "euc-jp"
    case 28_591...28_606: "iso-8859-\(number - 28_590)"
    case 38_598: "iso-8859-8"
    case 50_220...50_222: "iso-2022-jp"
    case 50_225: "iso-2022-kr"
    case 51_936: "gb2312"
    case 51_949: "euc-kr"
    case 52_936: "hz"
    case 65_000: "utf-7"
    case 65_001: "utf-8"
    case ...99_999: "cp\(number)"
    default: nil
    }
  }

  /// The charset of a font by its RTF number (RTF 1.9.1, font table); nil for those that follow the document.
  static func fontCharset(_ number: Int) -> Int? {
    switch number {
    case 0, 2: 1_252
    case 77: 10_000
    case 128: 932
    case 129: 949
    case 130: 1_361
    case 134: 936
    case 136: 950
    case 161: 1_253
    case 162: 1_254
    case 163: 1_258
    case 177: 1_255
    case 178: 1_256
    case 186: 1_257
    case 204: 1_251
    case 222: 874
    case 238: 1_250
    case 254: 437
    case 255: 850
    default: nil
    }
  }
}
