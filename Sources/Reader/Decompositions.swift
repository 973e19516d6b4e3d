// What a composed character is made of, once the marks (category Mn) have been dropped.
//
// The standard library has no public decomposition. Written by tools/make_decompositions.py, Unicode
// 14.0.0; Hangul syllables are computed (Unicode Standard, section 3.12).

/// Canonical decompositions without their marks.
enum Decompositions {
  /// The base of `scalar`, or `scalar` itself if it is not a composed one. Those of several parts that are no
  /// marks are in `parts(of:)`.
  static func base(of scalar: UInt32) -> UInt32 {
    let page = Int(pages.index[min(Int(scalar >> 8), pages.index.count - 1)])
    let base = pages.bases[page << 8 | Int(scalar & 255)]
    return base == 0 ? scalar : base
  }

  /// The parts of a Hangul syllable or of one of the few vowel signs and notes of two or three parts; nil for
  /// every other scalar.
  static func parts(of scalar: UInt32) -> [UInt32]? {
    if (0xAC00..<0xD7A4).contains(scalar) {
      let place = scalar - 0xAC00
      let last = place % 28
      let two = [0x1100 + place / 588, 0x1161 + place % 588 / 28]
      return last == 0 ? two : two + [0x11A7 + last]
    }
    guard scalar >= 0x09CB else { return nil }
    return several[scalar]
  }

  /// Pages of 256 bases, the first of them empty; 0 where a scalar is its own base.
  private static let pages: (index: [UInt8], bases: [UInt32]) = {
    var index = [UInt8](repeating: 0, count: 0x1100 + 1)
    var bases = [UInt32](repeating: 0, count: 256)
    for (first, run) in runs {
      for (offset, base) in run.unicodeScalars.enumerated() where base != "_" {
        let scalar = first + offset
        if index[scalar >> 8] == 0 {
          index[scalar >> 8] = UInt8(bases.count >> 8)
          bases += [UInt32](repeating: 0, count: 256)
        }
        bases[Int(index[scalar >> 8]) << 8 | scalar & 255] = base.value
      }
    }
    return (index, bases)
  }()

  private static let several: [UInt32: [UInt32]] = Dictionary(
    uniqueKeysWithValues: sequences.map { ($0, $1.unicodeScalars.map(\.value)) })

  /// From the first scalar on, the base of each; "_" for one that has none.
  private static let runs: [(Int, String)] = [
    (
      0x00C0,
      """
      AAAAAA_CEEEEIIII_NOOOOO__UUUUY__aaaaaa_ceeeeiiii_nooooo__uuuuy_yAaAaAaCcCcCcCcDd__EeEeEeEeEeGgGgGgGgHh\
      __IiIiIiIiI___JjKk_LlLlLl____NnNnNn___OoOoOo__RrRrRrSsSsSsSsTtTt__UuUuUuUuUuUuWwYyYZzZzZz
      """
    ),
    (0x01A0, "Oo"),
    (0x01AF, "Uu"),
    (
      0x01CD,
      """
      AaIiOoUuUuUuUuUu_AaAaÆæ__GgKkOoOoƷʒj___Gg__NnAaÆæØøAaAaEeEeIiIiOoOoRrRrUuUuSsTt__Hh______AaEeOoOoOoOoY\
      y
      """
    ),
    (0x0374, "\u{2B9}"),
    (0x037E, ";______\u{A8}Α\u{B7}ΕΗΙ_Ο_ΥΩι"),
    (0x03AA, "ΙΥαεηιυ"),
    (0x03CA, "ιυουω____ϒϒ"),
    (0x0400, "ЕЕ_Г___І____КИУ"),
    (0x0419, "И"),
    (0x0439, "и"),
    (0x0450, "ее_г___і____киу"),
    (0x0476, "Ѵѵ"),
    (0x04C1, "Жж"),
    (0x04D0, "АаАа__Ее__ӘәЖжЗз__ИиИиОо__ӨөЭэУуУуУуЧч__Ыы"),
    (0x0622, "\u{627}\u{627}\u{648}\u{627}\u{64A}"),
    (0x06C0, "\u{6D5}_\u{6C1}"),
    (0x06D3, "\u{6D2}"),
    (0x0929, "\u{928}_______\u{930}__\u{933}"),
    (0x0958, "\u{915}\u{916}\u{917}\u{91C}\u{921}\u{922}\u{92B}\u{92F}"),
    (0x09DC, "\u{9A1}\u{9A2}_\u{9AF}"),
    (0x0A33, "\u{A32}__\u{A38}"),
    (0x0A59, "\u{A16}\u{A17}\u{A1C}__\u{A2B}"),
    (0x0B48, "\u{B47}"),
    (0x0B5C, "\u{B21}\u{B22}"),
    (0x0CC0, "\u{CD5}______\u{CD5}\u{CD6}_\u{CC2}"),
    (0x0DDA, "\u{DD9}"),
    (0x0F43, "\u{F42}"),
    (0x0F4D, "\u{F4C}____\u{F51}____\u{F56}____\u{F5B}"),
    (0x0F69, "\u{F40}"),
    (0x1026, "\u{1025}"),
    (0x1B3B, "\u{1B35}_\u{1B35}_____\u{1B35}"),
    (
      0x1E00,
      """
      AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMmMmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRrSsSsSs\
      SsSsTtTtTtTtUuUuUuUuUuVvVvWwWwWwWwWwXxXxYyZzZzZzhtwy_ſ____AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEeEeEeEeEeIiIi\
      OoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy______ααααααααΑΑΑΑΑΑΑΑεεεεεε__ΕΕΕΕΕΕ__ηηηηηηηηΗΗΗΗΗΗΗΗιι\
      ιιιιιιΙΙΙΙΙΙΙΙοοοοοο__ΟΟΟΟΟΟ__υυυυυυυυ_Υ_Υ_Υ_ΥωωωωωωωωΩΩΩΩΩΩΩΩααεεηηιιοουυωω__ααααααααΑΑΑΑΑΑΑΑηηηηηηηη\
      ΗΗΗΗΗΗΗΗωωωωωωωωΩΩΩΩΩΩΩΩααααα_ααΑΑΑΑΑ_ι__\u{A8}ηηη_ηηΕΕΗΗΗ᾿᾿᾿ιιιι__ιιΙΙΙΙ_῾῾῾υυυυρρυυΥΥΥΥΡ\u{A8}\u{A8}\
      `__ωωω_ωωΟΟΩΩΩ\u{B4}__\u{2002}\u{2003}
      """
    ),
    (0x2126, "Ω___KA"),
    (0x219A, "\u{2190}\u{2192}"),
    (0x21AE, "\u{2194}"),
    (0x21CD, "\u{21D0}\u{21D4}\u{21D2}"),
    (0x2204, "\u{2203}____\u{2208}__\u{220B}"),
    (0x2224, "\u{2223}_\u{2225}"),
    (0x2241, "\u{223C}__\u{2243}__\u{2245}_\u{2248}"),
    (0x2260, "=_\u{2261}"),
    (
      0x226D,
      """
      \u{224D}<>\u{2264}\u{2265}__\u{2272}\u{2273}__\u{2276}\u{2277}______\u{227A}\u{227B}__\u{2282}\u{2283}\
      __\u{2286}\u{2287}
      """
    ),
    (0x22AC, "\u{22A2}\u{22A8}\u{22A9}\u{22AB}"),
    (0x22E0, "\u{227C}\u{227D}\u{2291}\u{2292}______\u{22B2}\u{22B3}\u{22B4}\u{22B5}"),
    (0x2329, "\u{3008}\u{3009}"),
    (0x2ADC, "\u{2ADD}"),
    (0x304C, "か_き_く_け_こ_さ_し_す_せ_そ_た_ち__つ_て_と______はは_ひひ_ふふ_へへ_ほほ"),
    (0x3094, "う"),
    (0x309E, "ゝ"),
    (0x30AC, "カ_キ_ク_ケ_コ_サ_シ_ス_セ_ソ_タ_チ__ツ_テ_ト______ハハ_ヒヒ_フフ_ヘヘ_ホホ"),
    (0x30F4, "ウ__ワヰヱヲ___ヽ"),
    (
      0xF900,
      """
      豈更車賈滑串句龜龜契金喇奈懶癩羅蘿螺裸邏樂洛烙珞落酪駱亂卵欄爛蘭鸞嵐濫藍襤拉臘蠟廊朗浪狼郎來冷勞擄櫓爐\
      盧老蘆虜路露魯鷺碌祿綠菉錄鹿論壟弄籠聾牢磊賂雷壘屢樓淚漏累縷陋勒肋凜凌稜綾菱陵讀拏樂諾丹寧怒率異北磻便\
      復不泌數索參塞省葉說殺辰沈拾若掠略亮兩凉梁糧良諒量勵呂女廬旅濾礪閭驪麗黎力曆歷轢年憐戀撚漣煉璉秊練聯輦\
      蓮連鍊列劣咽烈裂說廉念捻殮簾獵令囹寧嶺怜玲瑩羚聆鈴零靈領例禮醴隸惡了僚寮尿料樂燎療蓼遼龍暈阮劉杻柳流溜\
      琉留硫紐類六戮陸倫崙淪輪律慄栗率隆利吏履易李梨泥理痢罹裏裡里離匿溺吝燐璘藺隣鱗麟林淋臨立笠粒狀炙識什茶\
      刺切度拓糖宅洞暴輻行降見廓兀嗀__塚_晴__凞猪益礼神祥福靖精羽_蘒_諸__逸都___飯飼館鶴郞隷侮僧免勉勤卑喝嘆\
      器塀墨層屮悔慨憎懲敏既暑梅海渚漢煮爫琢碑社祉祈祐祖祝禍禎穀突節練縉繁署者臭艹艹著褐視謁謹賓贈辶逸難響頻\
      恵𤋮舘__並况全侀充冀勇勺喝啕喙嗢塚墳奄奔婢嬨廒廙彩徭惘慎愈憎慠懲戴揄搜摒敖晴朗望杖歹殺流滛滋漢瀞煮瞧爵\
      犯猪瑱甆画瘝瘟益盛直睊着磌窱節类絛練缾者荒華蝹襁覆視調諸請謁諾諭謹變贈輸遲醙鉶陼難靖韛響頋頻鬒龜𢡊𢡄𣏕\
      㮝䀘䀹𥉉𥳐𧻓齃龎
      """
    ),
    (0xFB1D, "\u{5D9}_\u{5F2}"),
    (
      0xFB2A,
      """
      \u{5E9}\u{5E9}\u{5E9}\u{5E9}\u{5D0}\u{5D0}\u{5D0}\u{5D1}\u{5D2}\u{5D3}\u{5D4}\u{5D5}\u{5D6}_\u{5D8}\
      \u{5D9}\u{5DA}\u{5DB}\u{5DC}_\u{5DE}_\u{5E0}\u{5E1}_\u{5E3}\u{5E4}_\u{5E6}\u{5E7}\u{5E8}\u{5E9}\u{5EA}\
      \u{5D5}\u{5D1}\u{5DB}\u{5E4}
      """
    ),
    (0x1109A, "\u{11099}_\u{1109B}"),
    (0x110AB, "\u{110A5}"),
    (0x114BB, "\u{114B9}"),
    (
      0x2F800,
      """
      丽丸乁𠄢你侮侻倂偺備僧像㒞𠘺免兔兤具𠔜㒹內再𠕋冗冤仌冬况𩇟凵刃㓟刻剆割剷㔕勇勉勤勺包匆北卉卑博即卽卿卿\
      卿𠨬灰及叟𠭣叫叱吆咞吸呈周咢哶唐啓啣善善喙喫喳嗂圖嘆圗噑噴切壮城埴堍型堲報墬𡓤売壷夆多夢奢𡚨𡛪姬娛娧姘\
      婦㛮㛼嬈嬾嬾𡧈寃寘寧寳𡬘寿将当尢㞁屠屮峀岍𡷤嵃𡷦嵮嵫嵼巡巢㠯巽帨帽幩㡢𢆃㡼庰庳庶廊𪎒廾𢌱𢌱舁弢弢㣇𣊸𦇚\
      形彫㣣徚忍志忹悁㤺㤜悔𢛔惇慈慌慎慌慺憎憲憤憯懞懲懶成戛扝抱拔捐𢬌挽拼捨掃揤𢯱搢揅掩㨮摩摾撝摷㩬敏敬𣀊旣\
      書晉㬙暑㬈㫤冒冕最暜肭䏙朗望朡杞杓𣏃㭉柺枅桒梅𣑭梎栟椔㮝楂榣槪檨𣚣櫛㰘次𣢧歔㱎歲殟殺殻𣪍𡴋𣫺汎𣲼沿泍汧\
      洖派海流浩浸涅𣴞洴港湮㴳滋滇𣻑淹潮𣽞𣾎濆瀹瀞瀛㶖灊災灷炭𠔥煅𤉣熜𤎫爨爵牐𤘈犀犕𤜵𤠔獺王㺬玥㺸㺸瑇瑜瑱璅\
      瓊㼛甤𤰶甾𤲒異𢆟瘐𤾡𤾸𥁄㿼䀈直𥃳𥃲𥄙𥄳眞真真睊䀹瞋䁆䂖𥐝硎碌磌䃣𥘦祖𥚚𥛅福秫䄯穀穊穏𥥼𥪧𥪧竮䈂𥮫篆築䈧\
      𥲀糒䊠糨糣紀𥾆絣䌁緇縂繅䌴𦈨𦉇䍙𦋙罺𦌾羕翺者𦓚𦔣聠𦖨聰𣍟䏕育脃䐋脾媵𦞧𦞵𣎓𣎜舁舄辞䑫芑芋芝劳花芳芽苦𦬼\
      若茝荣莭茣莽菧著荓菊菌菜𦰶𦵫𦳕䔫蓱蓳蔖𧏊蕤𦼬䕝䕡𦾱𧃒䕫虐虜虧虩蚩蚈蜎蛢蝹蜨蝫螆䗗蟡蠁䗹衠衣𧙧裗裞䘵裺㒻\
      𧢮𧥦䚾䛇誠諭變豕𧲨貫賁贛起𧼯𠠄跋趼跰𠣞軔輸𨗒𨗭邔郱鄑𨜮鄛鈸鋗鋘鉼鏹鐕𨯺開䦕閷𨵷䧦雃嶲霣𩅅𩈚䩮䩶韠𩐊䪲𩒖\
      頋頋頩𩖶飢䬳餩馧駂駾䯎𩬰鬒鱀鳽䳎䳭鵧𪃎䳸𪄅𪈎𪊑麻䵖黹黾鼅鼏鼖鼻𪘀
      """
    ),
  ]

  private static let sequences: [(UInt32, String)] = [
    (0x09CB, "\u{9C7}\u{9BE}"),
    (0x09CC, "\u{9C7}\u{9D7}"),
    (0x0B4B, "\u{B47}\u{B3E}"),
    (0x0B4C, "\u{B47}\u{B57}"),
    (0x0B94, "\u{B92}\u{BD7}"),
    (0x0BCA, "\u{BC6}\u{BBE}"),
    (0x0BCB, "\u{BC7}\u{BBE}"),
    (0x0BCC, "\u{BC6}\u{BD7}"),
    (0x0CCB, "\u{CC2}\u{CD5}"),
    (0x0D4A, "\u{D46}\u{D3E}"),
    (0x0D4B, "\u{D47}\u{D3E}"),
    (0x0D4C, "\u{D46}\u{D57}"),
    (0x0DDC, "\u{DD9}\u{DCF}"),
    (0x0DDD, "\u{DD9}\u{DCF}"),
    (0x0DDE, "\u{DD9}\u{DDF}"),
    (0x1B06, "\u{1B05}\u{1B35}"),
    (0x1B08, "\u{1B07}\u{1B35}"),
    (0x1B0A, "\u{1B09}\u{1B35}"),
    (0x1B0C, "\u{1B0B}\u{1B35}"),
    (0x1B0E, "\u{1B0D}\u{1B35}"),
    (0x1B12, "\u{1B11}\u{1B35}"),
    (0x1B40, "\u{1B3E}\u{1B35}"),
    (0x1B41, "\u{1B3F}\u{1B35}"),
    (0x1134B, "\u{11347}\u{1133E}"),
    (0x1134C, "\u{11347}\u{11357}"),
    (0x114BC, "\u{114B9}\u{114B0}"),
    (0x114BE, "\u{114B9}\u{114BD}"),
    (0x115BA, "\u{115B8}\u{115AF}"),
    (0x115BB, "\u{115B9}\u{115AF}"),
    (0x11938, "\u{11935}\u{11930}"),
    (0x1D15E, "\u{1D157}\u{1D165}"),
    (0x1D15F, "\u{1D158}\u{1D165}"),
    (0x1D160, "\u{1D158}\u{1D165}\u{1D16E}"),
    (0x1D161, "\u{1D158}\u{1D165}\u{1D16F}"),
    (0x1D162, "\u{1D158}\u{1D165}\u{1D170}"),
    (0x1D163, "\u{1D158}\u{1D165}\u{1D171}"),
    (0x1D164, "\u{1D158}\u{1D165}\u{1D172}"),
    (0x1D1BB, "\u{1D1B9}\u{1D165}"),
    (0x1D1BC, "\u{1D1BA}\u{1D165}"),
    (0x1D1BD, "\u{1D1B9}\u{1D165}\u{1D16E}"),
    (0x1D1BE, "\u{1D1BA}\u{1D165}\u{1D16E}"),
    (0x1D1BF, "\u{1D1B9}\u{1D165}\u{1D16F}"),
    (0x1D1C0, "\u{1D1BA}\u{1D165}\u{1D16F}"),
  ]
}
