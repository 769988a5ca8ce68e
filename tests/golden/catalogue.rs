//! Codes: names, numbers, advice.

use std::fmt::Write;

use kyo_collaboration::protocol::code::{CloseCode, ErrorCode};

use super::file::check;

#[test]
fn codes_are_as_written_down() {
    let mut text = String::new();
    for code in ErrorCode::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        let retry = if code.retryable() { "retryable" } else { "-" };
        writeln!(text, "{} {} {retry}", code.as_str(), code.http_status()).unwrap();
    }
    for code in CloseCode::ALL {
        writeln!(text, "{} {}", code.number(), code.reason()).unwrap();
    }
    check("codes.golden", &text);
}
