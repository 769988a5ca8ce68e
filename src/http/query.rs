//! Query parameters, parsed where they are asked for, with faults that name them.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::str::FromStr;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::ApiError;
use crate::domain::{RoomId, UserId};

/// The longest list in one answer.
pub const MAX_LIMIT: usize = 500;
/// The length of a list nobody bounded.
const DEFAULT_LIMIT: usize = 100;

/// The query of a request.
pub struct Query(HashMap<String, String>);

/// One part of a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// In the list's order.
    pub items: Vec<T>,
    /// `cursor` of the next part; null at the end.
    pub next_cursor: Option<String>,
}

impl FromRequest for Query {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = web::Query::<HashMap<_, _>>::from_query(request.query_string());
        let refusal = |_| ApiError::invalid("", "must have a query of name=value pairs");
        ready(query.map(|query| Self(query.into_inner())).map_err(refusal))
    }
}

impl Query {
    /// `limit`, 1 to [`MAX_LIMIT`].
    ///
    /// # Errors
    /// `invalid` with the field.
    pub fn limit(&self) -> Result<usize, ApiError> {
        let limit = self.number("limit", "must be 1 to 500")?.unwrap_or(DEFAULT_LIMIT);
        if (1..=MAX_LIMIT).contains(&limit) {
            return Ok(limit);
        }
        Err(ApiError::invalid("limit", "must be 1 to 500"))
    }

    /// A parameter as it came.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str)
    }

    /// Whole seconds, at most `most`; none when the field is absent.
    ///
    /// # Errors
    /// `invalid` with the field.
    pub fn seconds(&self, field: &str, most: u64) -> Result<Duration, ApiError> {
        let rule = format!("must be 0 to {most}");
        let seconds = self.number(field, &rule)?.unwrap_or_default();
        if seconds <= most {
            return Ok(Duration::from_secs(seconds));
        }
        Err(ApiError::invalid(field, &rule))
    }

    /// A sequence number.
    ///
    /// # Errors
    /// `invalid` with the field.
    pub fn seq(&self, field: &str) -> Result<Option<u64>, ApiError> {
        self.number(field, "must be a sequence number")
    }

    /// A person, if one is named.
    ///
    /// # Errors
    /// `invalid` with the field.
    pub fn user(&self, field: &str) -> Result<Option<UserId>, ApiError> {
        let user = self.text(field).map(UserId::parse).transpose();
        user.map_err(|error| ApiError::invalid(field, &error.rule))
    }

    /// A room, if one is named.
    ///
    /// # Errors
    /// `invalid` with the field.
    pub fn room(&self, field: &str) -> Result<Option<RoomId>, ApiError> {
        let room = self.text(field).map(Uuid::parse_str).transpose();
        room.map(|room| room.map(RoomId)).map_err(|_| ApiError::invalid(field, "must be a UUID"))
    }

    /// Where a list goes on: what [`Page::cut`] was given for its last item, as `parse` reads it.
    ///
    /// # Errors
    /// `invalid` for a cursor that no list gave out.
    pub fn cursor<T>(&self, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, ApiError> {
        let Some(cursor) = self.0.get("cursor") else { return Ok(None) };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let value = text.and_then(|text| parse(&text));
        value.map(Some).ok_or_else(|| ApiError::invalid("cursor", "must come from nextCursor"))
    }

    fn number<T: FromStr>(&self, field: &str, rule: &str) -> Result<Option<T>, ApiError> {
        let Some(text) = self.0.get(field) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| ApiError::invalid(field, rule))
    }
}

impl<T> Page<T> {
    /// The first `limit` of `items`; there is a next part when there are more. So ask for one more
    /// than `limit`. `key` names an item so that the list can go on after it.
    pub fn cut(mut items: Vec<T>, limit: usize, key: impl Fn(&T) -> String) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next_cursor = last.map(|item| URL_SAFE_NO_PAD.encode(key(item)));
        Self { items, next_cursor }
    }

    /// The same page of other items.
    pub fn of<U>(self, items: Vec<U>) -> Page<U> {
        Page { items, next_cursor: self.next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query(web::Query::<HashMap<_, _>>::from_query(text).expect("is a query").into_inner())
    }

    #[test]
    fn limits_are_bounded() {
        assert_eq!(query("").limit().ok(), Some(DEFAULT_LIMIT));
        assert_eq!(query("limit=500").limit().ok(), Some(500));
        for bad in ["limit=0", "limit=501", "limit=-1", "limit=x", "limit="] {
            assert!(query(bad).limit().is_err(), "{bad}");
        }
    }

    #[test]
    fn waits_are_bounded() {
        assert_eq!(query("").seconds("wait", 30).ok(), Some(Duration::ZERO));
        assert_eq!(query("wait=30").seconds("wait", 30).ok(), Some(Duration::from_secs(30)));
        for bad in ["wait=31", "wait=-1", "wait=1.5", "wait=", "wait=x"] {
            assert!(query(bad).seconds("wait", 30).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_list_goes_on_where_it_ended() {
        let page = Page::cut(vec![1, 2, 3], 2, ToString::to_string);
        assert_eq!(page.items, [1, 2]);
        let next = query(&format!("cursor={}", page.next_cursor.expect("there is more")));
        assert_eq!(next.cursor(|text| text.parse::<i32>().ok()).ok(), Some(Some(2)));
        assert_eq!(Page::cut(vec![1, 2], 2, ToString::to_string).next_cursor, None);
    }

    #[test]
    fn other_cursors_are_refused() {
        let parse = |text: &str| text.parse::<i32>().ok();
        assert!(query("cursor=!!!").cursor(parse).is_err());
        assert!(query("cursor=eHg").cursor(parse).is_err());
    }
}
