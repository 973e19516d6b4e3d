// Charset labels as mail writes them -> the names under which the C library's iconv knows the charsets.

enum CharsetLabels {
  /// The name for iconv; nil for a label that is in no table. Case and punctuation do not matter, a language after "*"
  /// (RFC 2231 §5) is left out.
  static func name(of label: String) -> String? {
    var folded: [UInt8] = []
    for byte in label.utf8 {
      if byte == ASCII.star { break }
      if byte.isLetter || byte.isDigit { folded.append(byte.lowered) }
      if folded.count > longest { return nil }
    }
    return table[String(decoding: folded, as: UTF8.self)]
  }

  private static let longest = 40

  private static let table: [String: String] = {
    var table: [String: String] = [:]
    for line in list.utf8.split(separator: ASCII.lf) {
      guard let colon = line.firstIndex(of: ASCII.colon) else { continue }
      let name = trimmedText(String(decoding: Array(line[..<colon]), as: UTF8.self))
      for label in line[line.index(after: colon)...].split(whereSeparator: { $0.isSpace }) {
        table[String(decoding: Array(label), as: UTF8.self)] = name
      }
    }
    return table
  }()

  /// "name: labels", letters and digits only. The labels of the WHATWG Encoding standard (facts; with its reading of
  /// latin1 as windows-1252, gb2312 as gb18030 and so on), and after them those that only mail uses.
  private static let list = """
    armscii-8: armscii8
    big5-hkscs: big5 big5eten big5hkscs big5hkscs2004 cnbig5 cp950 csbig5 ms950 windows950 xxbig5
    cp437: 437 cp437 ibm437
    cp850: 850 cp850 ibm850 pc850
    cp852: cp852 ibm852
    cp855: cp855 ibm855
    cp858: cp858 ibm858
    cp862: cp862 dos862 ibm862
    cp932: cp932 csshiftjis ms932 mskanji shiftjis shiftjisx0213 sjis windows31j windows932 xsjis
    cp949: cp949 cseuckr csksc56011987 euckr isoir149 korean ksc5601 ksc56011987 ksc56011989 ms949 uhc \
      windows949
    euc-jp: cseucpkdfmtjapanese eucjp ujis xeucjp
    euc-tw: cns11643 euctw
    gb18030: chinese chinesegb cp936 csgb2312 csiso58gb231280 euccn gb18030 gb2312 gb23121980 gb231280 \
      gb2312utf8 gbk gbk2312 isoir58 ms936 windows936 xgbk xxgbk
    georgian-ps: georgianps
    hz: hz hzgb2312
    ibm866: 866 cp866 csibm866 ibm866
    iso-2022-cn: iso2022cn iso2022cnext
    iso-2022-jp: csiso2022jp iso2022jp
    iso-2022-jp-3: cp50220 cp50221 iso2022jp1 iso2022jp2 iso2022jp2004 iso2022jp3 iso2022jpms
    iso-2022-kr: csiso2022kr iso2022kr
    iso-8859-10: csisolatin6 iso885910 isoir157 l6 latin6
    iso-8859-13: iso885913
    iso-8859-14: iso885914
    iso-8859-15: csisolatin9 iso885915 l9
    iso-8859-16: iso885916
    iso-8859-2: csisolatin2 iso88592 iso885921987 isoir101 l2 latin2
    iso-8859-3: csisolatin3 iso88593 iso885931988 isoir109 l3 latin3
    iso-8859-4: csisolatin4 iso88594 iso885941988 isoir110 l4 latin4
    iso-8859-5: csisolatincyrillic cyrillic iso88595 iso885951988 isoir144
    iso-8859-6: arabic asmo708 csiso88596e csiso88596i csisolatinarabic ecma114 iso88596 iso885961987 \
      iso88596e iso88596i isoir127
    iso-8859-7: csisolatingreek ecma118 elot928 greek greek8 iso88597 iso885971987 isoir126 suneugreek
    iso-8859-8: csiso88598e csiso88598i csisolatinhebrew hebrew iso88598 iso885981988 iso88598e iso88598i \
      isoir138 logical visual
    johab: johab
    koi8-r: cskoi8r koi koi8 koi8r
    koi8-t: koi8t
    koi8-u: koi8ru koi8u
    mac-centraleurope: macce macintoshce xmacce
    mac-cyrillic: xmaccyrillic xmacukrainian
    macintosh: csmacintosh mac macintosh macroman xmacroman
    tcvn: tcvn tcvn5712 viscii
    utf-16: csunicode iso10646 iso10646ucs2 ucs2 unicode utf16
    utf-16be: unicodefffe utf16be
    utf-16le: unicodefeff utf16le
    utf-32: iso10646ucs4 ucs4 utf32
    utf-32be: utf32be
    utf-32le: utf32le
    utf-7: cp65000 unicode11utf7 utf7 xunicode20utf7
    utf-8: 7bit 8bit ansix341986 binary c cputf8 default defaultcharset iso646us unicode11utf8 \
      unicode20utf8 unknown unknown8bit us utf8 utf8bom utf8mb4 xmacintosh8 xunicode20utf8 xunknown \
      xuserdefined xutf8
    windows-1250: cp1250 win1250 windows1250 xcp1250
    windows-1251: ansi1251 cp1251 win1251 windows1251 xcp1251
    windows-1252: 88591 ansi ansiinter ansix341968 ascii cp01252 cp1252 cp819 csisolatin1 ibm819 iso \
      iso88591 iso885911987 iso885915windows31latin1 iso88591windows31latin1 isoir100 l1 latin latin1 \
      usascii westerneurope win1252 wincp1252 windows1252 windowslatin1 xcp1252
    windows-1253: cp1253 win1253 windows1253 xcp1253
    windows-1254: cp1254 csisolatin5 iso88599 iso885991989 isoir148 l5 latin5 win1254 windows1254 xcp1254
    windows-1255: cp1255 win1255 windows1255 xcp1255
    windows-1256: cp1256 win1256 windows1256 xcp1256
    windows-1257: cp1257 win1257 windows1257 xcp1257
    windows-1258: cp1258 win1258 windows1258 xcp1258
    windows-874: cp874 dos874 iso885911 tis620 win874 windows874
    """
}
