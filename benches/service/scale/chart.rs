//! A chart of measured points and a model's line, both axes logarithmic, as a small SVG. Pure.

use std::fmt::Write;

/// Width and height of the drawn area, and the margin around it.
const SIZE: (f64, f64) = (520.0, 280.0);
const MARGIN: f64 = 56.0;

/// What to draw.
pub struct Chart<'a> {
    pub title: &'a str,
    pub across: &'a str,
    pub up: &'a str,
    /// Measured: where, and how much.
    pub points: &'a [(f64, f64)],
    /// The model at the same places.
    pub line: &'a [(f64, f64)],
}

impl Chart<'_> {
    /// The picture; all numbers must be positive.
    #[must_use]
    pub fn svg(&self) -> String {
        let all: Vec<_> = self.points.iter().chain(self.line).copied().collect();
        let (xs, ys) = (decades(all.iter().map(|p| p.0)), decades(all.iter().map(|p| p.1)));
        let place = |(x, y): (f64, f64)| {
            (MARGIN + SIZE.0 * part(x, xs), MARGIN / 2.0 + SIZE.1 * (1.0 - part(y, ys)))
        };
        let mut svg = head();
        for n in xs.0..=xs.1 {
            let (x, _) = place((10f64.powi(n), 1.0));
            let (top, foot) = (MARGIN / 2.0, MARGIN / 2.0 + SIZE.1);
            line(&mut svg, (x, top), (x, foot));
            text(&mut svg, (x, foot + 16.0), "middle", &label(n));
        }
        for n in ys.0..=ys.1 {
            let (_, y) = place((1.0, 10f64.powi(n)));
            line(&mut svg, (MARGIN, y), (MARGIN + SIZE.0, y));
            text(&mut svg, (MARGIN - 6.0, y + 4.0), "end", &label(n));
        }
        let path: Vec<_> =
            self.line.iter().map(|at| place(*at)).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let path = path.join(" ");
        writeln!(svg, "<polyline points=\"{path}\" fill=\"none\" stroke=\"#3572b0\"/>").ok();
        for (x, y) in self.points.iter().map(|at| place(*at)) {
            writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"#c4541a\"/>").ok();
        }
        let middle = MARGIN + SIZE.0 / 2.0;
        text(&mut svg, (middle, 16.0), "middle", self.title);
        text(&mut svg, (middle, MARGIN / 2.0 + SIZE.1 + 36.0), "middle", self.across);
        text(&mut svg, (4.0, 16.0), "start", self.up);
        svg + "</svg>\n"
    }
}

fn head() -> String {
    let (width, height) = (SIZE.0 + MARGIN * 1.5, SIZE.1 + MARGIN * 1.4);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    )
}

fn line(svg: &mut String, from: (f64, f64), to: (f64, f64)) {
    let ((x, y), (to_x, to_y)) = (from, to);
    // Writing to a text does not fail.
    writeln!(
        svg,
        "<line x1=\"{x:.1}\" y1=\"{y:.1}\" x2=\"{to_x:.1}\" y2=\"{to_y:.1}\" stroke=\"#ddd\"/>"
    )
    .ok();
}

fn text(svg: &mut String, at: (f64, f64), anchor: &str, words: &str) {
    let (x, y) = at;
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>").ok();
}

/// The powers of ten around all of them.
fn decades(values: impl Iterator<Item = f64>) -> (i32, i32) {
    let logs: Vec<f64> = values.map(f64::log10).collect();
    let low = logs.iter().copied().fold(f64::INFINITY, f64::min).floor() as i32;
    let high = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max).ceil() as i32;
    (low, high.max(low + 1))
}

fn part(value: f64, decades: (i32, i32)) -> f64 {
    (value.log10() - f64::from(decades.0)) / f64::from(decades.1 - decades.0)
}

fn label(n: i32) -> String {
    10f64.powi(n).to_string()
}
