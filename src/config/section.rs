//! Typed reading of one section. A setting that does not fit leaves a fault and yields a stand-in,
//! so that reading goes on and all faults are found; what was read is thrown away then.

use std::ops::RangeInclusive;

use config::ValueKind;

use super::Fault;
use super::layers::{Entry, Layers};

/// One section being read.
pub(super) struct Section<'a> {
    name: &'static str,
    layers: &'a Layers,
    faults: &'a mut Vec<Fault>,
    faults_before: usize,
}

impl<'a> Section<'a> {
    pub(super) fn new(name: &'static str, layers: &'a Layers, faults: &'a mut Vec<Fault>) -> Self {
        let faults_before = faults.len();
        Self { name, layers, faults, faults_before }
    }

    /// Whether every setting read so far fits; relations between them are only looked at then.
    pub(super) fn is_sound(&self) -> bool {
        self.faults.len() == self.faults_before
    }

    /// Notes a fault of a setting.
    pub(super) fn fault(&mut self, key: &str, rule: impl Into<String>) {
        let fault = self.entry(key).fault(self.name, key, rule);
        self.faults.push(fault);
    }

    pub(super) fn text(&mut self, key: &str) -> String {
        match &self.entry(key).value {
            ValueKind::String(text) => text.clone(),
            _ => {
                self.fault(key, "must be a text");
                String::new()
            }
        }
    }

    /// Empty is none.
    pub(super) fn optional_text(&mut self, key: &str) -> Option<String> {
        Some(self.text(key)).filter(|text| !text.is_empty())
    }

    pub(super) fn list(&mut self, key: &str) -> Vec<String> {
        let texts = match &self.entry(key).value {
            ValueKind::Array(values) => values.iter().map(|value| text_of(&value.kind)).collect(),
            _ => None,
        };
        texts.unwrap_or_else(|| {
            self.fault(key, "must be a list of texts");
            Vec::new()
        })
    }

    /// A whole number within bounds, both included.
    ///
    /// # Panics
    /// When the bounds don't fit in `T`.
    pub(super) fn integer<T: TryFrom<u64>>(&mut self, key: &str, bounds: RangeInclusive<u64>) -> T {
        let value = match self.entry(key).value {
            ValueKind::I64(value) => {
                u64::try_from(value).ok().filter(|value| bounds.contains(value))
            }
            _ => None,
        };
        let value = value.unwrap_or_else(|| {
            let (least, most) = (bounds.start(), bounds.end());
            self.fault(key, format!("must be a whole number from {least} to {most}"));
            *least
        });
        T::try_from(value).ok().expect("the bounds fit in the type")
    }

    /// A text that `parse` makes a value of; `rule` says which texts do.
    pub(super) fn parsed<T>(
        &mut self,
        key: &str,
        rule: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = match &self.entry(key).value {
            ValueKind::String(text) => Some(text.as_str()),
            _ => None,
        };
        let value = text.and_then(parse);
        if value.is_none() {
            self.fault(key, rule);
        }
        value
    }

    /// A list of texts, each of which `parse` makes a value of.
    pub(super) fn parsed_list<T>(
        &mut self,
        key: &str,
        rule: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let texts = self.list(key);
        let values: Option<Vec<T>> = texts.iter().map(|text| parse(text)).collect();
        values.unwrap_or_else(|| {
            self.fault(key, rule);
            Vec::new()
        })
    }

    fn entry(&self, key: &str) -> &'a Entry {
        self.layers.get(self.name, key)
    }
}

fn text_of(value: &ValueKind) -> Option<String> {
    match value {
        ValueKind::String(text) => Some(text.clone()),
        _ => None,
    }
}
