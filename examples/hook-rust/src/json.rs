//! Just enough JSON to look at a payload and to write an answer, without a crate. What is read must be valid JSON, which
//! whatever a host passes is.
#![allow(dead_code)]

/// The raw value of a member of an object. Keys compare decoded.
pub fn member<'a>(object: &'a str, key: &str) -> Option<&'a str> {
    let mut rest = object.trim_start().strip_prefix('{')?.trim_start();
    while rest.starts_with('"') {
        let (name, after) = take(rest);
        let (value, next) = take(after);
        if text(name).as_deref() == Some(key) {
            return Some(value);
        }
        rest = next;
    }
    None
}

/// The raw elements of an array; none when it is no array.
pub fn elements(array: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = match array.trim_start().strip_prefix('[') {
        Some(inside) => inside.trim_start(),
        None => return found,
    };
    while !rest.is_empty() && !rest.starts_with(']') {
        let (value, next) = take(rest);
        found.push(value);
        rest = next;
    }
    found
}

/// The text of a JSON string; None when the value is no string.
pub fn text(value: &str) -> Option<String> {
    let inside = value.strip_prefix('"')?.strip_suffix('"')?;
    let mut units: Vec<u16> = Vec::with_capacity(inside.len());
    let mut letters = inside.chars();
    while let Some(letter) = letters.next() {
        let decoded = if letter != '\\' {
            letter
        } else {
            match letters.next()? {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => {
                    let digits: String = letters.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).ok()?);
                    continue;
                }
                plain => plain,
            }
        };
        units.extend_from_slice(decoded.encode_utf16(&mut [0; 2]));
    }
    Some(String::from_utf16_lossy(&units))
}

/// The text as a JSON string, with its quotes.
pub fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(letter);
            }
            control if (control as u32) < 0x20 => quoted.push_str(&format!("\\u{:04x}", control as u32)),
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}

/// The value at the front, and what follows behind its comma or colon.
fn take(from: &str) -> (&str, &str) {
    let (value, rest) = from.split_at(value_end(from));
    let rest = rest.trim_start();
    (value, rest.strip_prefix(|c| c == ',' || c == ':').unwrap_or(rest).trim_start())
}

fn value_end(from: &str) -> usize {
    let (mut depth, mut in_string, mut escaped) = (0, false, false);
    for (at, c) in from.bytes().enumerate() {
        if in_string {
            in_string = escaped || c != b'"';
            escaped = !escaped && c == b'\\';
            if !in_string && depth == 0 {
                return at + 1;
            }
            continue;
        }
        match c {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b',' | b':' | b' ' | b'\n' | b'\t' | b'\r' if depth == 0 => return at,
            _ => {}
        }
    }
    from.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_members_behind_escapes_and_nesting() {
        let object = r#" {"a" : [1,{"b":"}"}] , "comman\u0064": "r\u006d \"x\"\\", "c":null}"#;
        assert_eq!(member(object, "a"), Some(r#"[1,{"b":"}"}]"#));
        assert_eq!(member(object, "command").and_then(text).as_deref(), Some("rm \"x\"\\"));
        assert_eq!(member(object, "c"), Some("null"));
        assert_eq!(member(object, "d"), None);
        assert_eq!(member("[]", "a"), None);
    }

    #[test]
    fn cuts_arrays_and_decodes_surrogates() {
        assert_eq!(elements(r#"["a", [2], {}]"#), vec![r#""a""#, "[2]", "{}"]);
        assert_eq!(text(r#""\ud83d\ude00""#).as_deref(), Some("\u{1f600}"));
        assert_eq!(quote("a\"\n"), r#""a\"\u000a""#);
    }
}
