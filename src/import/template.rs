//! Templates that fill a value from a row: text with column names in braces, as in
//! `"{Location ID} {Section}"`. Doubled braces stand for themselves. Column names are resolved once,
//! so a name that is not in the file is found before the first row.

/// A parsed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Column(usize),
}

/// Why a template can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// No such column.
    #[error("there is no column {0:?}")]
    UnknownColumn(String),
    /// Braces that don't match.
    #[error("has an unmatched brace")]
    Unmatched,
}

impl Template {
    /// Parses a template against the columns of a file. Column names match exactly, or else without
    /// regard to case.
    ///
    /// # Errors
    /// [`TemplateError`] for unknown columns and unmatched braces.
    pub fn parse(text: &str, columns: &[String]) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let (brace, after) = rest[at..].split_at(1);
            if let Some(doubled) = after.strip_prefix(brace) {
                literal.push_str(brace);
                rest = doubled;
                continue;
            }
            let (name, after) = named(brace, after)?;
            parts.push(Part::Text(std::mem::take(&mut literal)));
            parts.push(Part::Column(position(name, columns)?));
            rest = after;
        }
        literal.push_str(rest);
        parts.push(Part::Text(literal));
        Ok(Self(parts))
    }

    /// A template that is one column.
    #[must_use]
    pub fn column(index: usize) -> Self {
        Self(vec![Part::Column(index)])
    }

    /// The value for one row, without blanks around it.
    #[must_use]
    pub fn render(&self, cells: &[String]) -> String {
        let mut out = String::new();
        for part in &self.0 {
            out.push_str(match part {
                Part::Text(text) => text,
                Part::Column(index) => cells.get(*index).map_or("", |cell| cell.trim()),
            });
        }
        out.trim().to_owned()
    }
}

fn named<'a>(brace: &str, after: &'a str) -> Result<(&'a str, &'a str), TemplateError> {
    match after.split_once('}') {
        Some(parts) if brace == "{" => Ok(parts),
        _ => Err(TemplateError::Unmatched),
    }
}

fn position(name: &str, columns: &[String]) -> Result<usize, TemplateError> {
    let name = name.trim();
    let exact = columns.iter().position(|column| column == name);
    exact
        .or_else(|| columns.iter().position(|column| column.eq_ignore_ascii_case(name)))
        .ok_or_else(|| TemplateError::UnknownColumn(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(template: &str) -> Result<String, TemplateError> {
        let columns = ["Location ID".to_owned(), "Section".to_owned()];
        let cells = ["1063".to_owned(), " Swim ".to_owned()];
        Template::parse(template, &columns).map(|template| template.render(&cells))
    }

    #[test]
    fn columns_and_text_mix() {
        assert_eq!(render("{Location ID} {Section}"), Ok("1063 Swim".into()));
        assert_eq!(render(" at {section}! "), Ok("at Swim!".into()));
        assert_eq!(render("plain"), Ok("plain".into()));
        assert_eq!(render("{{{Section}}}"), Ok("{Swim}".into()));
    }

    #[test]
    fn mistakes_are_found_before_the_first_row() {
        assert_eq!(render("{Studio}"), Err(TemplateError::UnknownColumn("Studio".into())));
        assert_eq!(render("{Section"), Err(TemplateError::Unmatched));
        assert_eq!(render("Section}"), Err(TemplateError::Unmatched));
    }
}
