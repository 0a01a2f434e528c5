# ruff: noqa: E501 - clipboards are long
"""What Word, Google Docs, LibreOffice and web pages put on the clipboard, in the shapes they are known for."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Paste:
    source: str
    html: str
    stored: str
    dropped: list[str] = field(default_factory=list)


def word(body: str) -> str:
    return (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">'
        '<head><meta name=Generator content="Microsoft Word 15"><!--[if gte mso 9]><xml><w:WordDocument/></xml>'
        "<![endif]--><style><!-- @list l0:level1 {mso-level-number-format:bullet;} p.MsoNormal {margin:0cm;} --></style>"
        f"</head><body lang=IT style='tab-interval:35.4pt'><!--StartFragment-->{body}<!--EndFragment--></body></html>"
    )


def item(level: int, mark: str, text: str, place="Middle", number="l0") -> str:
    return (
        f"<p class=MsoListParagraphCxSp{place} style='text-indent:-18.0pt;mso-list:{number} level{level} lfo1'>"
        f"<![if !supportLists]><span style='font-family:Symbol;mso-fareast-font-family:Symbol'>"
        f"<span style='mso-list:Ignore'>{mark}<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp;&nbsp; </span>"
        f"</span></span><![endif]>{text}<o:p></o:p></p>"
    )


def docs(body: str) -> str:
    return (
        '<meta charset=\'utf-8\'><meta charset="utf-8"><b style="font-weight:normal;" '
        f'id="docs-internal-guid-0f3a">{body}</b><br class="Apple-interchange-newline">'
    )


def run(text: str, weight=400, style="normal", more="", **says: str) -> str:
    align, line = says.get("align", "baseline"), says.get("line", "none")
    return (
        '<span style="font-size:11pt;font-family:Arial,sans-serif;color:#000000;background-color:transparent;'
        f"font-weight:{weight};font-style:{style};font-variant:normal;text-decoration:{line};vertical-align:{align};"
        f'white-space:pre;white-space:pre-wrap;{more}">{text}</span>'
    )


P = '<p dir="ltr" style="line-height:1.38;margin-top:0pt;margin-bottom:0pt;">'
LI = '<li dir="ltr" style="list-style-type:disc;font-size:11pt;font-weight:{0};" aria-level="{1}"><p dir="ltr" role="presentation">'
SHOP = "<span style='background-color:transparent;vertical-align:baseline'>"

PASTES = [
    Paste(
        "Google Docs: plain, bold, italic, struck, raised, lowered",
        docs(
            f"{P}{run('Conta ')}{run('solo', 700)}{run(' questo ', style='italic')}{run('vecchio', line='line-through')}"
            f"{run(': 10')}{SHOP}<span style='font-size:0.6em;vertical-align:super'>6</span></span>{run(' per ml, H')}"
            f"{SHOP}<span style='font-size:0.6em;vertical-align:sub'>2</span></span>{run('O')}</p>"
        ),
        "<p>Conta <strong>solo</strong><em> questo </em><s>vecchio</s>: 10<sup>6</sup> per ml, H<sub>2</sub>O</p>",
    ),
    Paste(
        "Google Docs: heading, lists in a list, a link",
        docs(
            f'<h2 dir="ltr" style="line-height:1.38">{run("Come funziona")}</h2><ul style="margin:0">'
            f"{LI.format(400, 1)}{run('uno')}</p></li><ul>{LI.format(400, 2)}{run('due', 700)}</p></li></ul>"
            f"{LI.format(400, 1)}{run('tre')}</p></li></ul>{P}{run('Leggi ')}"
            '<a href="https://www.example.org/a" style="text-decoration:none">'
            f"{run('la pagina', line='underline')}</a></p>"
        ),
        "<h3>Come funziona</h3><ul><li>uno<ul><li><strong>due</strong></li></ul></li><li>tre</li></ul>"
        '<p>Leggi <a href="https://www.example.org/a">la pagina</a></p>',
    ),
    Paste(
        "Google Docs: a table",
        docs(
            '<div dir="ltr" style="margin-left:0pt;" align="left"><table style="border:none"><colgroup><col width="90">'
            f'</colgroup><tbody><tr style="height:0pt"><td style="vertical-align:top">{P}{run("Zona", 700)}</p></td>'
            f'<td style="vertical-align:top">{P}{run("Sedute")}</p></td></tr></tbody></table></div>'
        ),
        "<table><tbody><tr><td><strong>Zona</strong></td><td>Sedute</td></tr></tbody></table>",
    ),
    Paste(
        "Google Docs: underlined, coloured, a picture",
        docs(
            f"{P}{run('Prima ')}{run('sotto', line='underline')}{run('rosso', more='color:#ff0000;')}"
            '<span><img src="https://lh7.example.org/x" width="9" height="9"></span></p>'
        ),
        "<p>Prima sottorosso</p>",
        ["pictures", "underlining", "colours"],
    ),
    Paste(
        "Word: bold, italic, raised, lowered, struck",
        word(
            "<p class=MsoNormal>Solo <b>questo</b>, <i>poi</i> 10<sup>6</sup>, H<sub>2</sub>O, <s>no</s>, "
            "x<span style='position:relative;top:-3.0pt;mso-text-raise:3.0pt'>2</span>"
            "<b><span style='font-weight:normal'> normale</span></b><o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>"
        ),
        "<p>Solo <strong>questo</strong>, <em>poi</em> 10<sup>6</sup>, H<sub>2</sub>O, <s>no</s>, x<sup>2</sup> normale</p>",
    ),
    Paste(
        "Word: a list in a list in a list, then a numbered one",
        word(
            item(1, "·", "a", "First")
            + item(2, "o", "a1")
            + item(3, "§", "a1x")
            + item(1, "·", "<b>b</b>", "Last")
            + "<p class=MsoNormal>Poi:<o:p></o:p></p>"
            + item(1, "3.", "tre", "First", "l1")
            + item(2, "·", "punto", "Middle", "l1")
            + item(1, "4.", "quattro", "Last", "l1")
        ),
        "<ul><li>a<ul><li>a1<ul><li>a1x</li></ul></li></ul></li><li><strong>b</strong></li></ul><p>Poi:</p>"
        '<ol start="3"><li>tre<ul><li>punto</li></ul></li><li>quattro</li></ol>',
    ),
    Paste(
        "Word: title, numbered heading, lettered list, footnote, link within the document",
        word(
            "<p class=MsoTitle>Titolo<o:p></o:p></p><h1 style='mso-list:l2 level1 lfo3'><![if !supportLists]><span>"
            "<span style='mso-list:Ignore'>1.<span style='font:7.0pt'>&nbsp; </span></span></span><![endif]>Inizio</h1>"
            + item(1, "a)", "alfa", "First", "l3")
            + "<p class=MsoNormal>Vedi<a style='mso-footnote-id:ftn1' href=\"#_ftn1\"><span class=MsoFootnoteReference>"
            "<sup>[1]</sup></span></a>.<span style='display:none;mso-hide:all'>segreto</span></p>"
        ),
        "<h3>Titolo</h3><h3>1. Inizio</h3><ol><li>alfa</li></ol><p>Vedi<sup>[1]</sup>.</p>",
        ["letters", "links"],
    ),
    Paste(
        "Word: a table with a head",
        word(
            "<table class=MsoTableGrid border=1><thead><tr><td style='width:9pt'><p class=MsoNormal><b>Zona</b></p></td>"
            "</tr></thead><tr><td><p class=MsoNormal>viso<o:p></o:p></p></td></tr></table>"
        ),
        "<table><tbody><tr><td><strong>Zona</strong></td></tr><tr><td>viso</td></tr></tbody></table>",
    ),
    Paste(
        "Word on the web: a list in a list",
        '<div class="OutlineElement"><p class="Paragraph"><span data-contrast="auto" class="TextRun">'
        '<span class="NormalTextRun">Elenco:</span></span></p></div>'
        '<div class="ListContainerWrapper SCXW1"><ul class="BulletListStyle1" role="list"><li data-aria-level="1" '
        'role="listitem"><p class="Paragraph"><span>uno</span></p></li></ul></div>'
        '<div class="ListContainerWrapper SCXW1"><ul class="BulletListStyle2" role="list"><li data-aria-level="2" '
        'role="listitem"><p class="Paragraph"><span style="font-weight:bold">due</span></p></li></ul></div>',
        "<p>Elenco:</p><ul><li>uno<ul><li><strong>due</strong></li></ul></li></ul>",
    ),
    Paste(
        "LibreOffice: paragraphs, heading, lists, raised, a table with heads",
        '<!DOCTYPE html><html><head><meta name="generator" content="LibreOffice 24.2 (Linux)"/><style type="text/css">'
        "p { line-height: 115%; background: transparent } h2.cjk { font-family: x }</style></head>"
        '<body lang="it-IT" dir="ltr"><h2 class="western">Durata</h2><p style="line-height: 115%; margin-bottom: 0.25cm">'
        'Circa <b>10</b><sup>6</sup> e H<sub><font size="2">2</font></sub>O <font face="Liberation Serif"><i>ora</i></font>'
        " <strike>mai</strike></p><ol><li><p>uno</p><ul><li><p>due</p></li></ul></li></ol>"
        '<table cellpadding="4"><col width="1"/><thead><tr><th>Zona</th></tr></thead><tbody><tr><td><p>viso</p></td></tr>'
        "</tbody></table></body></html>",
        "<h3>Durata</h3><p>Circa <strong>10</strong><sup>6</sup> e H<sub>2</sub>O <em>ora</em> <s>mai</s></p>"
        "<ol><li>uno<ul><li>due</li></ul></li></ol>"
        '<table><thead><tr><th scope="col">Zona</th></tr></thead><tbody><tr><td>viso</td></tr></tbody></table>',
    ),
    Paste(
        "a web page: computed styles, quotation, rule, code, caption",
        '<h4 style="font-weight:700;color:rgb(0,0,0)">Titolo</h4><div style="font-weight:400">Testo '
        '<strong style="font-weight:700">forte</strong> e <span style="font-weight:600">semi</span></div>'
        "<blockquote><p>Detto</p></blockquote><hr><pre>uno\ndue</pre>"
        "<table><caption>Tabella 1</caption><tr><td>a</td></tr></table>",
        "<h3>Titolo</h3><p>Testo <strong>forte</strong> e <strong>semi</strong></p><p>Detto</p><p>uno<br>due</p>"
        "<p>Tabella 1</p><table><tbody><tr><td>a</td></tr></tbody></table>",
        ["quotations", "lines"],
    ),
    Paste("plain text with what could be taken for a style", "<p>a style=x b</p>", "<p>a style=x b</p>"),
]
