//! The commands that come in on standard input, one a line. A word `@<tag>` before a command comes back as `"tag"` in
//! its answer, so that a program can tell answers apart.

use base64::{Engine, engine::general_purpose::STANDARD};
use libp2p::Multiaddr;

pub const USAGE: &str =
    "expected GET key, PUT key value, PUT64 key base64, GET_PROVIDERS key, PUT_PROVIDER key, DIAL multiaddr, PEERS or QUIT";

#[derive(Debug, PartialEq)]
pub enum Command {
    Get(String),
    Put(String, Vec<u8>),
    GetProviders(String),
    PutProvider(String),
    Dial(Multiaddr),
    Peers,
    Quit,
}

/// A line as its tag and its command; none where the line is empty.
pub fn parse(line: &str) -> (Option<String>, Option<Result<Command, String>>) {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    let tag = match words.first().and_then(|word| word.strip_prefix('@')) {
        Some(tag) => {
            let tag = tag.to_owned();
            words.remove(0);
            Some(tag)
        }
        None => None,
    };
    let command = match words.as_slice() {
        [] => return (tag, None),
        ["GET", key] => Ok(Command::Get((*key).into())),
        ["PUT", key, value @ ..] if !value.is_empty() => Ok(Command::Put((*key).into(), value.join(" ").into_bytes())),
        ["PUT64", key] => Ok(Command::Put((*key).into(), vec![])),
        ["PUT64", key, value] => STANDARD
            .decode(value)
            .map(|bytes| Command::Put((*key).into(), bytes))
            .map_err(|error| format!("PUT64: {error}")),
        ["GET_PROVIDERS", key] => Ok(Command::GetProviders((*key).into())),
        ["PUT_PROVIDER", key] => Ok(Command::PutProvider((*key).into())),
        ["DIAL", address] => address.parse().map(Command::Dial).map_err(|error| format!("DIAL {address}: {error}")),
        ["PEERS"] => Ok(Command::Peers),
        ["QUIT"] => Ok(Command::Quit),
        _ => Err(format!("{line:?}: {USAGE}")),
    };
    (tag, Some(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_tag_before_a_command() {
        assert_eq!(parse("@7 GET /kv/x"), (Some("7".into()), Some(Ok(Command::Get("/kv/x".into())))));
    }

    #[test]
    fn keeps_the_words_of_a_value() {
        assert_eq!(parse("PUT /kv/x a b"), (None, Some(Ok(Command::Put("/kv/x".into(), b"a b".to_vec())))));
    }

    #[test]
    fn decodes_bytes() {
        assert_eq!(parse("PUT64 /kv/x AAH/"), (None, Some(Ok(Command::Put("/kv/x".into(), vec![0, 1, 255])))));
    }

    #[test]
    fn says_what_it_expected() {
        let (_, command) = parse("FETCH x");
        assert!(command.unwrap().unwrap_err().contains("expected GET key"));
    }

    #[test]
    fn passes_over_an_empty_line() {
        assert_eq!(parse("  "), (None, None));
    }
}
