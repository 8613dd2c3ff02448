//! The C boundary in Rust, written by hand after tutti/abi/*.h: what a hook or a command needs. Members stand in the order
//! of the headers, whose comments say who calls what, on which thread and when. Structs only ever grow at their end.
#![allow(dead_code)]

use std::os::raw::{c_char, c_void};
use std::{ptr, slice, str};

pub const ABI_MAJOR: u32 = 1;
pub const ABI_MINOR: u32 = 0;
pub const ENTRY_MAGIC: u32 = 0x5454_5554;

pub type Code = i32;
pub const OK: Code = 0;
pub const CANCELLED: Code = 1;
pub const INVALID_ARGUMENT: Code = 3;
pub const NOT_FOUND: Code = 5;
pub const RESOURCE_EXHAUSTED: Code = 8;
pub const UNIMPLEMENTED: Code = 12;
pub const INTERNAL: Code = 13;
pub const UNAVAILABLE: Code = 14;

pub const LOG_INFORMATION: i32 = 2;
pub const LOG_WARNING: i32 = 3;

// Ids are C strings.
pub const SERVICE_CALLS: &[u8] = b"tutti.host.calls/1\0";
pub const SERVICE_LOG: &[u8] = b"tutti.host.log/1\0";
pub const KIND_HOOK: &[u8] = b"tutti.hook/1\0";
pub const KIND_COMMAND: &[u8] = b"tutti.command/1\0";

/// Pointer and length, UTF-8; borrowed for the length of a call.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    pub data: *const c_char,
    pub size: usize,
}

impl Str {
    pub const EMPTY: Str = Str { data: ptr::null(), size: 0 };

    pub fn of(text: &str) -> Str {
        Str { data: text.as_ptr() as *const c_char, size: text.len() }
    }

    /// # Safety
    /// The text must be borrowed no longer than the call it came with.
    pub unsafe fn view<'a>(self) -> &'a str {
        if self.data.is_null() {
            return "";
        }
        str::from_utf8(slice::from_raw_parts(self.data as *const u8, self.size)).unwrap_or("")
    }
}

#[repr(C)]
pub struct Sink {
    pub size: u32,
    pub user: *mut c_void,
    pub write: extern "C" fn(user: *mut c_void, bytes: Str),
}

#[repr(C)]
pub struct Outcome {
    pub size: u32,
    pub code: Code,
    pub body: Str,
    pub message: Str,
    pub retry_after_ms: u32,
}

#[repr(C)]
pub struct CallInfo {
    pub size: u32,
    pub call: u64,
    pub depth: u32,
    pub surface: u32,
    pub deadline_ms: i64,
    pub trace: Str,
    pub caller: Str,
    pub principal: Str,
    pub run: Str,
    pub agent: Str,
    pub stream: Str,
    pub labels: Str,
}

#[repr(C)]
pub struct Host {
    pub size: u32,
    pub context: *mut c_void,
    pub get_service: extern "C" fn(host: *const Host, id: *const c_char) -> *const c_void,
}

#[repr(C)]
pub struct Plugin {
    pub size: u32,
    pub user: *mut c_void,
    pub init: extern "C" fn(user: *mut c_void, config: Str, error: *const Sink) -> Code,
    pub activate: extern "C" fn(user: *mut c_void, error: *const Sink) -> Code,
    pub deactivate: extern "C" fn(user: *mut c_void),
    pub destroy: extern "C" fn(user: *mut c_void),
    pub get_extension: extern "C" fn(user: *mut c_void, id: *const c_char) -> *const c_void,
}

#[repr(C)]
pub struct Entry {
    pub magic: u32,
    pub size: u32,
    pub abi_major: u32,
    pub abi_minor: u32,
    pub id: *const c_char,
    pub version: *const c_char,
    pub create: extern "C" fn(host: *const Host, plugin: *mut Plugin, error: *const Sink) -> Code,
}

// It is constant and points to constants.
unsafe impl Sync for Entry {}

#[repr(C)]
pub struct HostCalls {
    pub size: u32,
    pub emit: extern "C" fn(host: *const Host, call: u64, event_json: Str) -> Code,
    pub emit_wait: extern "C" fn(host: *const Host, call: u64, event_json: Str, timeout_ms: u32) -> Code,
    pub finish: extern "C" fn(host: *const Host, call: u64, outcome: *const Outcome) -> Code,
    pub cancelled: extern "C" fn(host: *const Host, call: u64) -> i32,
    pub on_cancel:
        extern "C" fn(host: *const Host, call: u64, notice: extern "C" fn(*mut c_void), user: *mut c_void) -> Code,
    pub forget: extern "C" fn(host: *const Host, call: u64),
    pub cancel: extern "C" fn(host: *const Host, started: u64) -> Code,
}

#[repr(C)]
pub struct HostLog {
    pub size: u32,
    pub write: extern "C" fn(host: *const Host, level: i32, message: Str, fields: Str),
    pub enabled: extern "C" fn(host: *const Host, level: i32) -> i32,
}

#[repr(C)]
pub struct Point {
    pub size: u32,
    pub mode: u32,
    pub name: Str,
    pub index: u32,
    pub time_us: i64,
}

#[repr(C)]
pub struct Hook {
    pub size: u32,
    pub on_point:
        Option<extern "C" fn(user: *mut c_void, info: *const CallInfo, point: *const Point, payload: Str)>,
    pub on_events: Option<extern "C" fn(user: *mut c_void, events: *const c_void, count: usize)>,
}

#[repr(C)]
pub struct Command {
    pub size: u32,
    pub describe: extern "C" fn(user: *mut c_void, definitions: *const Sink),
    pub invoke: extern "C" fn(user: *mut c_void, info: *const CallInfo, name: Str, args: Str),
}

// The sizes the C compiler gives them on 64-bit Linux: a member forgotten above does not compile.
const _: () = assert!(std::mem::size_of::<Outcome>() == 48);
const _: () = assert!(std::mem::size_of::<CallInfo>() == 144);
const _: () = assert!(std::mem::size_of::<Plugin>() == 56);
const _: () = assert!(std::mem::size_of::<Entry>() == 40);
const _: () = assert!(std::mem::size_of::<HostCalls>() == 64);
const _: () = assert!(std::mem::size_of::<HostLog>() == 24);
const _: () = assert!(std::mem::size_of::<Point>() == 40);
const _: () = assert!(std::mem::size_of::<Hook>() == 24);
const _: () = assert!(std::mem::size_of::<Command>() == 24);

/// A service of the host, or None when this host has none, or one that is older than these declarations.
///
/// # Safety
/// `T` must be the table that the headers give the id.
pub unsafe fn service<T>(host: *const Host, id: &'static [u8]) -> Option<&'static T> {
    if ((*host).size as usize) < std::mem::size_of::<Host>() {
        return None;
    }
    let table = ((*host).get_service)(host, id.as_ptr() as *const c_char);
    // Every table begins with its size.
    if table.is_null() || (*(table as *const u32) as usize) < std::mem::size_of::<T>() {
        return None;
    }
    (table as *const T).as_ref()
}

/// Whether the host asks for this kind.
///
/// # Safety
/// `asked` must be what get_extension was given.
pub unsafe fn is_kind(asked: *const c_char, id: &'static [u8]) -> bool {
    std::ffi::CStr::from_ptr(asked).to_bytes_with_nul() == id
}

/// Says what went wrong, and hands the code on.
///
/// # Safety
/// `error` must be what the life cycle function was given.
pub unsafe fn fail(error: *const Sink, code: Code, sentence: &str) -> Code {
    ((*error).write)((*error).user, Str::of(sentence));
    code
}

/// Ends a call: with a body of JSON, or with a code and a sentence.
pub fn finish(host: *const Host, calls: &HostCalls, call: u64, result: Result<&str, (Code, &str)>) {
    let mut outcome =
        Outcome { size: std::mem::size_of::<Outcome>() as u32, code: OK, body: Str::EMPTY, message: Str::EMPTY, retry_after_ms: 0 };
    match result {
        Ok(body) => outcome.body = Str::of(body),
        Err((code, sentence)) => {
            outcome.code = code;
            outcome.message = Str::of(sentence);
        }
    }
    (calls.finish)(host, call, &outcome);
}
