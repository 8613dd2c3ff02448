//! A command: defined once, reachable as HTTP route, WebSocket request, slash command and tool.

mod json;
mod tutti_abi;

use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};
use tutti_abi::*;

const DEFINITIONS: &str = r#"[{
  "name": "command_rust.greet",
  "summary": "Greets somebody.",
  "effects": "read",
  "input": {"type": "object", "required": ["name"], "additionalProperties": false,
            "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 200}}},
  "slash": {"usage": "/greet NAME..."},
  "rest": [{"method": "GET", "path": "/v1/command_rust/greetings/{name}"}]}]"#;

struct CommandRust {
    host: *const Host,
    calls: &'static HostCalls,
    word: String,
}

/// `args` was accepted by the definition's schema.
fn greet(word: &str, args: &str) -> Result<String, (Code, &'static str)> {
    match json::member(args, "name").and_then(json::text) {
        Some(name) => Ok(format!("{{\"greeting\":{}}}", json::quote(&format!("{}, {}!", word, name)))),
        None => Err((INVALID_ARGUMENT, "expected the text `name`, found none")),
    }
}

extern "C" fn create(host: *const Host, plugin: *mut Plugin, error: *const Sink) -> Code {
    unsafe {
        // The room is the host's, who says how much there is.
        if ((*plugin).size as usize) < std::mem::size_of::<Plugin>() {
            return fail(error, UNIMPLEMENTED, "expected room for a whole tutti_plugin, found less; run a newer tutti");
        }
        let calls = match service::<HostCalls>(host, SERVICE_CALLS) {
            Some(calls) => calls,
            None => return fail(error, UNIMPLEMENTED, "expected the host service tutti.host.calls/1, whole; run a newer tutti"),
        };
        let user = Box::into_raw(Box::new(CommandRust { host, calls, word: String::new() })) as *mut c_void;
        let size = std::mem::size_of::<Plugin>() as u32;
        plugin.write(Plugin { size, user, init, activate, deactivate, destroy, get_extension });
    }
    OK
}

/// `config` was accepted by the schema in plugin.yaml and has its defaults filled in.
extern "C" fn init(user: *mut c_void, config: Str, error: *const Sink) -> Code {
    unsafe {
        let this = &mut *(user as *mut CommandRust);
        match json::member(config.view(), "word").and_then(json::text) {
            Some(word) => this.word = word,
            None => return fail(error, INVALID_ARGUMENT, "expected an object with the text `word`"),
        }
    }
    OK
}

extern "C" fn activate(_user: *mut c_void, _error: *const Sink) -> Code {
    OK
}

extern "C" fn deactivate(_user: *mut c_void) {}

extern "C" fn destroy(user: *mut c_void) {
    unsafe { drop(Box::from_raw(user as *mut CommandRust)) }
}

extern "C" fn describe(_user: *mut c_void, definitions: *const Sink) {
    unsafe { ((*definitions).write)((*definitions).user, Str::of(DEFINITIONS)) }
}

/// Runs on several workers at once: the state is only read. No panic may leave it.
extern "C" fn invoke(user: *mut c_void, info: *const CallInfo, _name: Str, args: Str) {
    let (this, call, args) = unsafe { (&*(user as *const CommandRust), (*info).call, args.view()) };
    let result = catch_unwind(AssertUnwindSafe(|| greet(&this.word, args)))
        .unwrap_or(Err((INTERNAL, "the command panicked; its message is on stderr")));
    finish(this.host, this.calls, call, result.as_deref().map_err(|failure| *failure));
}

static COMMAND: Command = Command { size: std::mem::size_of::<Command>() as u32, describe, invoke };

extern "C" fn get_extension(_user: *mut c_void, id: *const c_char) -> *const c_void {
    if unsafe { is_kind(id, KIND_COMMAND) } {
        return &COMMAND as *const Command as *const c_void;
    }
    std::ptr::null()
}

#[no_mangle]
#[allow(non_upper_case_globals)]
pub static tutti_plugin_entry: Entry = Entry {
    magic: ENTRY_MAGIC,
    size: std::mem::size_of::<Entry>() as u32,
    abi_major: ABI_MAJOR,
    abi_minor: ABI_MINOR,
    id: b"org.example.command_rust\0".as_ptr() as *const c_char,
    version: b"0.1.0\0".as_ptr() as *const c_char,
    create,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greets_by_name() {
        assert_eq!(greet("Hello", r#"{"name":"Ada"}"#).unwrap(), r#"{"greeting":"Hello, Ada!"}"#);
        assert_eq!(greet("Hello", r#"{"name":"\"A\""}"#).unwrap(), r#"{"greeting":"Hello, \"A\"!"}"#);
    }

    #[test]
    fn says_what_is_missing() {
        assert_eq!(greet("Hello", "{}").unwrap_err().0, INVALID_ARGUMENT);
    }
}
