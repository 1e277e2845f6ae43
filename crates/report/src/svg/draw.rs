//! Drawing: the layout as SVG text.

use super::cards::{CARD_WIDTH, Card, Diagram, HEAD_HEIGHT, LINE_HEIGHT, TIME_WIDTH};
use super::edges::Edge;
use crate::escape::xml;

/// The whole picture; `style` stands inside it, `prefix` before the number of each event's id.
pub(super) fn draw(diagram: &Diagram, title: &str, prefix: &str, style: &str) -> String {
    let (w, h) = (diagram.width, diagram.height);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"spacetime\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" \
         height=\"{h}\" role=\"group\" aria-label=\"{0}\">\n<title>{0}</title>\n{style}\
         <rect class=\"ground\" width=\"{w}\" height=\"{h}\" rx=\"8\"/>\n",
        xml(title),
    );
    times(&mut out, diagram);
    lanes(&mut out, diagram);
    for edge in &diagram.edges {
        out.push_str(&line(edge));
    }
    for card in &diagram.cards {
        out.push_str(&event(card, prefix));
    }
    out.push_str("</svg>");
    out
}

fn times(out: &mut String, diagram: &Diagram) {
    let right = diagram.width - 10;
    for card in diagram.cards.iter().filter(|c| c.new_time) {
        let y = card.middle();
        let x = TIME_WIDTH - 8;
        out.push_str(&format!(
            "<path class=\"tick\" d=\"M{TIME_WIDTH} {y}H{right}\"/><text class=\"time\" x=\"{x}\" y=\"{}\">{}</text>\n",
            y + 4,
            card.at,
        ));
    }
    for pause in &diagram.pauses {
        let (x, y) = (TIME_WIDTH - 8, pause.y);
        out.push_str(&format!(
            "<path class=\"gap-line\" d=\"M{TIME_WIDTH} {y}H{right}\"/><text class=\"gap\" x=\"{x}\" y=\"{}\">{}</text>\n",
            y + 4,
            pause.words,
        ));
    }
}

fn lanes(out: &mut String, diagram: &Diagram) {
    let bottom = diagram.height - 8;
    for lane in &diagram.lanes {
        let (x, left, top) = (lane.x, lane.x - CARD_WIDTH / 2, HEAD_HEIGHT - 18);
        out.push_str(&format!("<path class=\"life\" d=\"M{x} {top}V{bottom}\"/>"));
        for (from, to) in &lane.down {
            let to = to.min(&bottom);
            // The ground is painted over the life line first: a process that is down has none.
            out.push_str(&format!(
                "<rect class=\"ground\" x=\"{}\" y=\"{from}\" width=\"4\" height=\"{}\"/><path class=\"down\" d=\"M{x} {from}V{to}\"/>",
                x - 2,
                (to - from).max(0),
            ));
        }
        let shown = super::cards::cut(&lane.name, CARD_WIDTH as usize - 20);
        out.push_str(&format!(
            "<g><title>{}</title><rect class=\"lane-head\" x=\"{left}\" y=\"14\" width=\"{CARD_WIDTH}\" height=\"30\" \
             rx=\"15\"/><text class=\"lane-name\" x=\"{x}\" y=\"34\">{}</text></g>\n",
            xml(&lane.name),
            xml(&shown),
        ));
    }
}

fn line(edge: &Edge) -> String {
    let far = if edge.far { " far" } else { "" };
    let ends = format!("data-from=\"{}\" data-to=\"{}\"", edge.cause.0, edge.effect.0);
    format!(
        "<path class=\"edge{far}\" {ends} d=\"{}\"/><path class=\"tip{far}\" {ends} d=\"{}\"/>\n",
        edge.line, edge.tip
    )
}

fn event(card: &Card, prefix: &str) -> String {
    let (id, left, top) = (card.id.0, card.left, card.top);
    let mut out = format!(
        "<g class=\"{}\" id=\"{prefix}{id}\" data-event=\"{id}\"><title>#{id} at {} on {}: {}</title>\
         <rect class=\"card\" x=\"{left}\" y=\"{top}\" width=\"{CARD_WIDTH}\" height=\"{}\" rx=\"7\"/>\
         <circle class=\"kind\" cx=\"{}\" cy=\"{}\" r=\"3.5\"/><text class=\"number\" x=\"{}\" y=\"{}\">#{id}</text>",
        card.class,
        card.at,
        xml(&card.lane),
        xml(&card.whole),
        card.height,
        left + 13,
        top + 13,
        left + 22,
        top + 17,
    );
    if !card.tag.is_empty() {
        let x = card.right() - 11;
        out.push_str(&format!("<text class=\"tag\" x=\"{x}\" y=\"{}\">{}</text>", top + 17, xml(&card.tag)));
    }
    for (nth, text) in card.lines.iter().enumerate() {
        let y = top + 19 + LINE_HEIGHT * (nth as i32 + 1) - 2;
        out.push_str(&format!("<text x=\"{}\" y=\"{y}\">{}</text>", left + 12, xml(text)));
    }
    out.push_str("</g>\n");
    out
}
