//! Answers that name the state they show, and say 304 to a caller who has it already.

use actix_web::http::header::{self, ETag, EntityTag, Header, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse};

/// A body of one media type under a strong tag. `make` is called only when the caller lacks it.
pub fn tagged(
    request: &HttpRequest,
    tag: String,
    media_type: &str,
    make: impl FnOnce() -> Vec<u8>,
) -> HttpResponse {
    let tag = EntityTag::new_strong(tag);
    let known = has(request, &tag);
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(ETag(tag)).insert_header((header::CACHE_CONTROL, "no-cache"));
    if known {
        return response.finish();
    }
    response.content_type(media_type).body(make())
}

fn has(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn status(known: Option<&str>) -> u16 {
        let mut request = TestRequest::default();
        if let Some(known) = known {
            request = request.insert_header((header::IF_NONE_MATCH, known));
        }
        let make = || b"{}".to_vec();
        tagged(&request.to_http_request(), "7-3".into(), "application/json", make).status().as_u16()
    }

    #[test]
    fn who_has_it_is_told_so() {
        assert_eq!(status(None), 200);
        assert_eq!(status(Some("\"7-2\"")), 200);
        assert_eq!(status(Some("\"7-2\", W/\"7-3\"")), 304);
        assert_eq!(status(Some("*")), 304);
    }
}
