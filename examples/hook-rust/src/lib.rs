//! A hook that stands before every tool call, sees what it is about to do, and may deny it.

mod json;
mod tutti_abi;

use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};
use tutti_abi::*;

/// Denies shell commands that hold one of these texts.
#[derive(Default)]
struct Rules {
    deny: Vec<String>,
    reason: String,
}

impl Rules {
    /// `config` was accepted by the schema in plugin.yaml and has its defaults filled in.
    fn parse(config: &str) -> Option<Rules> {
        let deny = json::elements(json::member(config, "deny")?);
        Some(Rules {
            deny: deny.into_iter().map(json::text).collect::<Option<_>>()?,
            reason: json::text(json::member(config, "reason")?)?,
        })
    }

    /// The reply to a payload: empty to go on.
    fn reply(&self, payload: &str) -> String {
        let tool = json::member(payload, "tool_name").and_then(json::text);
        let input = json::member(payload, "tool_input").unwrap_or("");
        let command = json::member(input, "command").and_then(json::text).unwrap_or_default();
        if tool.as_deref() == Some("Bash") && self.deny.iter().any(|text| command.contains(text.as_str())) {
            return format!("{{\"deny\":{}}}", json::quote(&self.reason));
        }
        String::new()
    }
}

struct HookRust {
    host: *const Host,
    calls: &'static HostCalls,
    log: Option<&'static HostLog>,
    rules: Rules,
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
        let log = service::<HostLog>(host, SERVICE_LOG);
        let user = Box::into_raw(Box::new(HookRust { host, calls, log, rules: Rules::default() })) as *mut c_void;
        let size = std::mem::size_of::<Plugin>() as u32;
        plugin.write(Plugin { size, user, init, activate, deactivate, destroy, get_extension });
    }
    OK
}

extern "C" fn init(user: *mut c_void, config: Str, error: *const Sink) -> Code {
    unsafe {
        let this = &mut *(user as *mut HookRust);
        match Rules::parse(config.view()) {
            Some(rules) => this.rules = rules,
            None => return fail(error, INVALID_ARGUMENT, "expected an object with the list `deny` and the text `reason`"),
        }
    }
    OK
}

extern "C" fn activate(_user: *mut c_void, _error: *const Sink) -> Code {
    OK
}

extern "C" fn deactivate(_user: *mut c_void) {}

extern "C" fn destroy(user: *mut c_void) {
    unsafe { drop(Box::from_raw(user as *mut HookRust)) }
}

/// Runs on several workers at once: the state is only read. No panic may leave it.
extern "C" fn on_point(user: *mut c_void, info: *const CallInfo, _point: *const Point, payload: Str) {
    let (this, call, payload) = unsafe { (&*(user as *const HookRust), (*info).call, payload.view()) };
    match catch_unwind(AssertUnwindSafe(|| this.rules.reply(payload))) {
        Ok(reply) => {
            if let (Some(log), false) = (this.log, reply.is_empty()) {
                (log.write)(this.host, LOG_WARNING, Str::of("command denied"), Str::EMPTY);
            }
            finish(this.host, this.calls, call, Ok(&reply));
        }
        Err(_) => finish(this.host, this.calls, call, Err((INTERNAL, "the hook panicked; its message is on stderr"))),
    }
}

static HOOK: Hook = Hook { size: std::mem::size_of::<Hook>() as u32, on_point: Some(on_point), on_events: None };

extern "C" fn get_extension(_user: *mut c_void, id: *const c_char) -> *const c_void {
    if unsafe { is_kind(id, KIND_HOOK) } {
        return &HOOK as *const Hook as *const c_void;
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
    id: b"org.example.hook_rust\0".as_ptr() as *const c_char,
    version: b"0.1.0\0".as_ptr() as *const c_char,
    create,
};

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        Rules::parse(r#"{"deny":["rm -rf","mkfs"],"reason":"Not \"here\"."}"#).unwrap()
    }

    #[test]
    fn denies_what_holds_a_text() {
        let payload = r#"{"tool_name":"Bash","tool_input":{"command":"cd /tmp; \u0072m -rf x"}}"#;
        assert_eq!(rules().reply(payload), r#"{"deny":"Not \"here\"."}"#);
    }

    #[test]
    fn lets_everything_else_pass() {
        assert_eq!(rules().reply(r#"{"tool_name":"Bash","tool_input":{"command":"rm x"}}"#), "");
        assert_eq!(rules().reply(r#"{"tool_name":"Write","tool_input":{"command":"rm -rf x"}}"#), "");
        assert_eq!(rules().reply("{}"), "");
    }

    #[test]
    fn refuses_a_configuration_it_cannot_read() {
        assert!(Rules::parse("").is_none());
        assert!(Rules::parse(r#"{"deny":[1],"reason":"x"}"#).is_none());
    }
}
