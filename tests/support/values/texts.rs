//! Texts with every kind of odd character.

use proptest::{collection::vec, prelude::*, sample::select};

use crate::support::server::Server;

/// Pieces that somebody along the way might take for something else.
const PIECES: [&str; 32] = [
    "'",
    "\"",
    "`",
    "\\",
    "\\u0000",
    "\\x41",
    "''; DROP TABLE audit_log; --",
    "$1",
    "?",
    "%s_%",
    "{}",
    "[1,2]",
    "{\"$json\": null}",
    "null",
    "[redacted]",
    "NaN",
    "1.10",
    "1e400",
    "2026-11-21T00:00:00Z",
    "base64:type15:AA==",
    "\u{feff}",
    "\r\n",
    "\t",
    "\u{1}\u{1f}\u{7f}\u{85}",
    "e\u{301}\u{323}",
    "\u{202e}אבג\u{202c}مرحبا",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "𝕏𐍈",
    "\u{10ffff}\u{fffe}\u{d7ff}\u{e000}",
    "ßẞIıİi",
    "   ",
    "\u{2028}\u{2029}",
];

/// Any text of at most so many characters. Only PostgreSQL refuses a NUL.
pub fn text(server: Server, most: usize) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => select(PIECES.to_vec()).prop_map(str::to_owned),
        2 => any::<char>().prop_map(String::from),
        1 => Just("\0".to_owned()),
        1 => "[a-zA-Z0-9 ]{1,40}",
        1 => Just("long ".repeat(most / 8)),
    ];
    vec(piece, 0..6).prop_map(move |pieces| {
        let text = pieces.concat();
        let chars = text.chars().map(|c| match c {
            '\0' if server == Server::Postgres => ' ',
            c => c,
        });
        chars.take(most).collect()
    })
}
