//! Which template fills which field of a course: given with `--map`, or guessed from column names
//! that leave no doubt.

use super::ImportError;
use super::template::Template;

/// The fields a file can fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Splits the file into rooms.
    Room,
    /// Required.
    Title,
    /// Required.
    Start,
    /// Required.
    End,
    /// Who leads it.
    Trainer,
    /// Where it is held.
    Studio,
    /// How many fit.
    Capacity,
    /// `#rrggbb`.
    Color,
    /// Free text.
    Notes,
    /// Separated by commas or semicolons.
    Tags,
}

/// Each key with its name in `--map` and the column names that mean it. A room is never guessed:
/// splitting a file is a decision.
const KEYS: [(Key, &str, &[&str]); 10] = [
    (Key::Room, "room", &[]),
    (Key::Title, "title", &["title", "course title", "name", "class", "course", "summary"]),
    (Key::Start, "start", &["start", "starts at", "startsat", "start time", "begin", "dtstart"]),
    (Key::End, "end", &["end", "ends at", "endsat", "end time", "dtend"]),
    (Key::Trainer, "trainer", &["trainer", "trainer id", "instructor", "coach", "organizer"]),
    (Key::Studio, "studio", &["studio", "studio id", "location", "place"]),
    (Key::Capacity, "capacity", &["capacity", "places", "spots"]),
    (Key::Color, "color", &["color", "colour"]),
    (Key::Notes, "notes", &["notes", "note", "description"]),
    (Key::Tags, "tags", &["tags", "tag", "categories"]),
];

/// A template for each mapped key.
#[derive(Clone, Debug)]
pub struct Mapping(Vec<(Key, Template)>);

impl Mapping {
    /// Resolves `KEY=TEMPLATE` pairs against the columns and guesses the keys not given.
    ///
    /// # Errors
    /// [`ImportError::Mapping`] for a bad pair, or when title, start or end stay without a source.
    pub fn resolve(given: &[String], columns: &[String]) -> Result<Self, ImportError> {
        let mut pairs = Vec::new();
        for pair in given {
            pairs.push(explicit(pair, columns)?);
        }
        for (key, _, aliases) in KEYS {
            let mapped = pairs.iter().any(|(other, _)| *other == key);
            if !mapped && let Some(index) = guess(aliases, columns) {
                pairs.push((key, Template::column(index)));
            }
        }
        let mapping = Self(pairs);
        mapping.require([Key::Title, Key::Start, Key::End], columns)
    }

    /// The key's value for one row; `None` when it is not mapped or empty.
    #[must_use]
    pub fn value(&self, key: Key, cells: &[String]) -> Option<String> {
        let (_, template) = self.0.iter().find(|(other, _)| *other == key)?;
        Some(template.render(cells)).filter(|value| !value.is_empty())
    }

    /// Whether the file is split into rooms.
    #[must_use]
    pub fn has(&self, key: Key) -> bool {
        self.0.iter().any(|(other, _)| *other == key)
    }

    fn require(self, keys: [Key; 3], columns: &[String]) -> Result<Self, ImportError> {
        let missing = |key: &Key| !self.has(*key);
        match keys.into_iter().find(missing) {
            None => Ok(self),
            Some(key) => Err(ImportError::Mapping(format!(
                "no column is obviously the {0}: say --map {0}=\"{{Column}}\"; the columns are {1}",
                name(key),
                columns.join(", ")
            ))),
        }
    }
}

/// The key's name in `--map`.
#[must_use]
pub fn name(key: Key) -> &'static str {
    KEYS.iter().find(|(other, ..)| *other == key).map_or("", |(_, name, _)| name)
}

fn explicit(pair: &str, columns: &[String]) -> Result<(Key, Template), ImportError> {
    let bad = |why: String| ImportError::Mapping(format!("--map {pair:?}: {why}"));
    let (name, template) = pair.split_once('=').ok_or_else(|| bad("is not KEY=TEMPLATE".into()))?;
    let known = KEYS.iter().find(|(_, key, _)| *key == name.trim());
    let (key, ..) = known.ok_or_else(|| {
        let names = KEYS.map(|(_, name, _)| name).join(", ");
        bad(format!("{name:?} is none of {names}"))
    })?;
    let template = Template::parse(template, columns).map_err(|error| bad(error.to_string()))?;
    Ok((*key, template))
}

fn guess(aliases: &[&str], columns: &[String]) -> Option<usize> {
    let plain = |column: &String| column.trim().to_lowercase().replace(['_', '-'], " ");
    aliases.iter().find_map(|alias| columns.iter().position(|column| plain(column) == *alias))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn obvious_headers_need_no_map() {
        let columns = columns(&["Title", "start_time", "Ends-At", "Instructor", "junk"]);
        let mapping = Mapping::resolve(&[], &columns).expect("all three are obvious");
        let cells = columns.clone();
        assert_eq!(mapping.value(Key::End, &cells).as_deref(), Some("Ends-At"));
        assert_eq!(mapping.value(Key::Trainer, &cells).as_deref(), Some("Instructor"));
        assert!(!mapping.has(Key::Room));
    }

    #[test]
    fn a_given_map_wins_and_gaps_are_named() {
        let columns = columns(&["title", "start", "Other"]);
        let error = Mapping::resolve(&[], &columns).expect_err("end is missing").to_string();
        assert!(error.contains("end=\"{Column}\""), "{error}");
        let given = ["title={Other}".to_owned(), "end={start}".to_owned()];
        let mapping = Mapping::resolve(&given, &columns).expect("all are mapped");
        assert_eq!(mapping.value(Key::Title, &columns).as_deref(), Some("Other"));
    }

    #[test]
    fn bad_pairs_say_what_is_wrong() {
        let columns = columns(&["title", "start", "end"]);
        let error = |pair: &str| {
            Mapping::resolve(&[pair.to_owned()], &columns).expect_err("is wrong").to_string()
        };
        assert!(error("title").contains("KEY=TEMPLATE"));
        assert!(error("hue={title}").contains("none of room, title"));
        assert!(error("title={Nope}").contains("no column \"Nope\""));
    }
}
