//! Which template fills which field of a course: given by people, or guessed from column names that
//! leave no doubt, English or Chinese.

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

/// Each key with its name and the column names that mean it. A room is never guessed: splitting a file
/// is a decision.
const KEYS: [(Key, &str, &[&str]); 10] = [
    (Key::Room, "room", &[]),
    (
        Key::Title,
        "title",
        &[
            "title",
            "course title",
            "name",
            "class",
            "course",
            "summary",
            "課程名稱",
            "课程名称",
            "課程",
            "课程",
            "名稱",
            "名称",
            "標題",
            "标题",
        ],
    ),
    (
        Key::Start,
        "start",
        &[
            "start",
            "starts at",
            "startsat",
            "start time",
            "begin",
            "dtstart",
            "from",
            "開始時間",
            "开始时间",
            "開始",
            "开始",
        ],
    ),
    (
        Key::End,
        "end",
        &[
            "end",
            "ends at",
            "endsat",
            "end time",
            "dtend",
            "to",
            "until",
            "結束時間",
            "结束时间",
            "結束",
            "结束",
        ],
    ),
    (
        Key::Trainer,
        "trainer",
        &[
            "trainer",
            "trainer id",
            "instructor",
            "coach",
            "teacher",
            "organizer",
            "教練",
            "教练",
            "老師",
            "老师",
            "導師",
            "导师",
        ],
    ),
    (
        Key::Studio,
        "studio",
        &[
            "studio",
            "studio id",
            "location",
            "place",
            "room",
            "教室",
            "場地",
            "场地",
            "地點",
            "地点",
            "房間",
            "房间",
        ],
    ),
    (
        Key::Capacity,
        "capacity",
        &["capacity", "places", "spots", "人數", "人数", "名額", "名额", "容量"],
    ),
    (Key::Color, "color", &["color", "colour", "顏色", "颜色"]),
    (Key::Notes, "notes", &["notes", "note", "description", "備註", "备注", "說明", "说明"]),
    (Key::Tags, "tags", &["tags", "tag", "categories", "標籤", "标签", "類別", "类别"]),
];

/// Columns that hold the day of times that have none.
const DAYS: &[&str] = &["date", "day", "日期"];

/// Fields without which there is no course.
const NEEDED: [Key; 3] = [Key::Title, Key::Start, Key::End];

/// A template for each mapped key, with its text.
#[derive(Clone, Debug)]
pub struct Mapping(Vec<(Key, Template, String)>);

/// Why a mapping can't be used. Its words are those of the command line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingFault {
    /// A pair that says nothing we know.
    #[error("--map {pair:?}: {why}")]
    Pair {
        /// As it was given.
        pair: String,
        /// In words.
        why: String,
    },
    /// A field that every course needs has no source.
    #[error(
        "no column is obviously the {key}: say --map {key}=\"{{Column}}\"; the columns are {columns}"
    )]
    Missing {
        /// Which.
        key: &'static str,
        /// What there is.
        columns: String,
    },
}

impl Mapping {
    /// Resolves `KEY=TEMPLATE` pairs against the columns and guesses the keys not given.
    ///
    /// # Errors
    /// [`MappingFault`] for a bad pair, or when title, start or end stay without a source.
    pub fn resolve(given: &[String], columns: &[String]) -> Result<Self, MappingFault> {
        let mapping = Self::guess(given, columns)?;
        match mapping.missing().first() {
            None => Ok(mapping),
            Some(key) => Err(MappingFault::Missing { key, columns: columns.join(", ") }),
        }
    }

    /// The same, but what is missing stays missing.
    ///
    /// # Errors
    /// [`MappingFault::Pair`]
    pub fn guess(given: &[String], columns: &[String]) -> Result<Self, MappingFault> {
        let mut pairs = Vec::new();
        for pair in given {
            pairs.push(explicit(pair, columns)?);
        }
        for (key, _, aliases) in KEYS {
            let mapped = pairs.iter().any(|(other, ..)| *other == key);
            if !mapped && let Some(index) = guess(aliases, columns) {
                pairs.push((key, Template::column(index), quoted(&columns[index])));
            }
        }
        Ok(Self(pairs))
    }

    /// The same mapping, with the day's column before times of day, when the first row shows that
    /// they have no day of their own.
    #[must_use]
    pub fn with_days(mut self, columns: &[String], first: &[String]) -> Self {
        let Some(day) = guess(DAYS, columns) else { return self };
        let is_time = |text: &str| text.contains(':') && !text.contains(['-', '/', 'T', ' ']);
        for (key, template, text) in &mut self.0 {
            if matches!(key, Key::Start | Key::End) && is_time(&template.render(first)) {
                let dated = format!("{} {text}", quoted(&columns[day]));
                if let Ok(parsed) = Template::parse(&dated, columns) {
                    (*template, *text) = (parsed, dated);
                }
            }
        }
        self
    }

    /// What every course needs and nothing fills.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        NEEDED.into_iter().filter(|key| !self.has(*key)).map(name).collect()
    }

    /// Each mapped key's name with its template.
    pub fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(key, _, text)| (name(*key), text.as_str()))
    }

    /// The key's value for one row; `None` when it is not mapped or empty.
    #[must_use]
    pub fn value(&self, key: Key, cells: &[String]) -> Option<String> {
        let (_, template, _) = self.0.iter().find(|(other, ..)| *other == key)?;
        Some(template.render(cells)).filter(|value| !value.is_empty())
    }

    /// Whether the file is split into rooms.
    #[must_use]
    pub fn has(&self, key: Key) -> bool {
        self.0.iter().any(|(other, ..)| *other == key)
    }
}

/// The key's name.
#[must_use]
pub fn name(key: Key) -> &'static str {
    KEYS.iter().find(|(other, ..)| *other == key).map_or("", |(_, name, _)| name)
}

fn explicit(pair: &str, columns: &[String]) -> Result<(Key, Template, String), MappingFault> {
    let bad = |why: String| MappingFault::Pair { pair: pair.to_owned(), why };
    let (name, template) = pair.split_once('=').ok_or_else(|| bad("is not KEY=TEMPLATE".into()))?;
    let known = KEYS.iter().find(|(_, key, _)| *key == name.trim());
    let (key, ..) = known.ok_or_else(|| {
        let names = KEYS.map(|(_, name, _)| name).join(", ");
        bad(format!("{name:?} is none of {names}"))
    })?;
    let text = template.to_owned();
    let template = Template::parse(template, columns).map_err(|error| bad(error.to_string()))?;
    Ok((*key, template, text))
}

/// A column as a template.
fn quoted(column: &str) -> String {
    format!("{{{column}}}")
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

    #[test]
    fn chinese_headers_are_known_and_a_day_goes_before_times_of_day() {
        let columns = columns(&["日期", "課程名稱", "開始時間", "結束時間", "教練", "教室"]);
        let first = ["2026-01-05", "瑜伽", "9:00", "10:00", "美", "藍"].map(str::to_owned);
        let mapping = Mapping::guess(&[], &columns).expect("no pairs").with_days(&columns, &first);
        assert_eq!(mapping.missing(), Vec::<&str>::new());
        assert_eq!(mapping.value(Key::Start, &first).as_deref(), Some("2026-01-05 9:00"));
        let texts: Vec<_> = mapping.texts().collect();
        assert!(texts.contains(&("start", "{日期} {開始時間}")), "{texts:?}");
    }
}
