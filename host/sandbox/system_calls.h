// Names of system calls by what they are for. A name that this machine's kernel interface does not have is passed over.
#pragma once

#include <array>

namespace tutti::host {

inline constexpr std::array kMemoryCalls = {
    "brk",      "madvise", "membarrier", "mincore", "mlock",      "mlock2", "mlockall",   "mmap",      "mmap2",
    "mprotect", "mremap",  "msync",      "munlock", "munlockall", "munmap", "pkey_alloc", "pkey_free", "pkey_mprotect",
};

inline constexpr std::array kThreadCalls = {
    "arch_prctl",
    "exit",
    "exit_group",
    "futex",
    "futex_waitv",
    "getcpu",
    "gettid",
    "restart_syscall",
    "rseq",
    "sched_get_priority_max",
    "sched_get_priority_min",
    "sched_getaffinity",
    "sched_getattr",
    "sched_getparam",
    "sched_getscheduler",
    "sched_rr_get_interval",
    "sched_yield",
    "set_robust_list",
    "set_thread_area",
    "set_tid_address",
    "set_tls",
};

inline constexpr std::array kSignalCalls = {
    "pause",     "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait",
    "sigaction", "sigaltstack",  "signalfd",      "signalfd4",      "sigprocmask",  "sigreturn",
};

inline constexpr std::array kClockCalls = {
    "alarm",         "clock_getres",  "clock_gettime",  "clock_nanosleep", "getitimer",       "gettimeofday",
    "nanosleep",     "setitimer",     "time",           "timer_create",    "timer_delete",    "timer_getoverrun",
    "timer_gettime", "timer_settime", "timerfd_create", "timerfd_gettime", "timerfd_settime", "times",
};

inline constexpr std::array kFileCalls = {
    "_llseek",
    "access",
    "chdir",
    "chown",
    "close",
    "close_range",
    "copy_file_range",
    "creat",
    "dup",
    "dup2",
    "dup3",
    "faccessat",
    "faccessat2",
    "fadvise64",
    "fadvise64_64",
    "fallocate",
    "fchdir",
    "fchown",
    "fchownat",
    "fdatasync",
    "fgetxattr",
    "flistxattr",
    "flock",
    "fremovexattr",
    "fsetxattr",
    "fstat",
    "fstat64",
    "fstatat64",
    "fstatfs",
    "fstatfs64",
    "fsync",
    "ftruncate",
    "ftruncate64",
    "futimesat",
    "getcwd",
    "getdents",
    "getdents64",
    "getxattr",
    "inotify_add_watch",
    "inotify_init",
    "inotify_init1",
    "inotify_rm_watch",
    "lchown",
    "lgetxattr",
    "link",
    "linkat",
    "listxattr",
    "llistxattr",
    "lremovexattr",
    "lseek",
    "lsetxattr",
    "lstat",
    "lstat64",
    "mkdir",
    "mkdirat",
    "mknod",
    "mknodat",
    "newfstatat",
    "open",
    "openat",
    "openat2",
    "pread64",
    "preadv",
    "preadv2",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "read",
    "readahead",
    "readlink",
    "readlinkat",
    "readv",
    "removexattr",
    "rename",
    "renameat",
    "renameat2",
    "rmdir",
    "sendfile",
    "sendfile64",
    "setxattr",
    "splice",
    "stat",
    "stat64",
    "statfs",
    "statfs64",
    "statx",
    "symlink",
    "symlinkat",
    "sync",
    "sync_file_range",
    "syncfs",
    "tee",
    "truncate",
    "truncate64",
    "umask",
    "unlink",
    "unlinkat",
    "utime",
    "utimensat",
    "utimes",
    "vmsplice",
    "write",
    "writev",
};

inline constexpr std::array kWaitCalls = {
    "_newselect", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd",
    "eventfd2",   "pipe",         "pipe2",         "poll",      "ppoll",       "pselect6",     "select",
};

// On descriptors a process has; making them is another matter.
inline constexpr std::array kConnectedSocketCalls = {
    "getpeername", "getsockname", "getsockopt", "recv",   "recvfrom",   "recvmmsg", "recvmsg",
    "send",        "sendmmsg",    "sendmsg",    "sendto", "setsockopt", "shutdown",
};

// Landlock is here because a plugin that confines itself or its children further is welcome.
inline constexpr std::array kSelfCalls = {
    "capget",
    "getegid",
    "getegid32",
    "geteuid",
    "geteuid32",
    "getgid",
    "getgid32",
    "getgroups",
    "getgroups32",
    "getpgid",
    "getpgrp",
    "getpid",
    "getppid",
    "getpriority",
    "getrandom",
    "getresgid",
    "getresgid32",
    "getresuid",
    "getresuid32",
    "getrlimit",
    "getrusage",
    "getsid",
    "getuid",
    "getuid32",
    "landlock_add_rule",
    "landlock_create_ruleset",
    "landlock_restrict_self",
    "setrlimit",
    "sysinfo",
    "ugetrlimit",
    "uname",
    "wait4",
    "waitid",
    "waitpid",
};

inline constexpr std::array kNetCalls = {"accept", "accept4", "bind", "connect", "listen"};

inline constexpr std::array kExecCalls = {
    "execve",  "execveat", "fork",   "kill",  "pidfd_open", "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
    "setpgid", "setsid",   "tgkill", "tkill", "vfork",
};

// Calls that came after the C library of Debian 12 or that a filter cannot look into. ENOSYS makes libraries use the
// older ones, where EPERM would end them.
inline constexpr int kClone3 = 435;
inline constexpr int kFchmodat2 = 452;
inline constexpr std::array kUnknownCalls = {kClone3,
                                             451 /* cachestat */,
                                             kFchmodat2,
                                             453 /* map_shadow_stack */,
                                             454 /* futex_wake */,
                                             455 /* futex_wait */,
                                             456 /* futex_requeue */,
                                             462 /* mseal */};

}  // namespace tutti::host
