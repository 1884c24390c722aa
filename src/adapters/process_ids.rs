//! Which process is which: this one, the one that leads its terminal session, and whether one that was noted down lives.
//!
//! A number is used again, soon on Windows, and by anybody after a restart, which files of ours outlive where they do not lie
//! in memory. So a process is noted down with when it started, as the system tells it: the same words for the same process,
//! whatever is done to the clock meanwhile.

use crate::ports::ProcessId;

/// This process.
pub fn own() -> ProcessId {
    of(std::process::id())
}

/// The process whose end is the end of this terminal session; this one where that cannot be told.
pub fn leader() -> ProcessId {
    of(system::leader().unwrap_or_else(std::process::id))
}

/// Whether a process lives. Where that cannot be told, it does.
pub fn alive(process: ProcessId) -> bool {
    let same = || match (process.start, system::start(process.number)) {
        (Some(then), Some(now)) => then == now,
        _ => true,
    };
    system::exists(process.number) && same()
}

/// The process that has a number now.
pub fn of(number: u32) -> ProcessId {
    ProcessId { number, start: system::start(number) }
}

#[cfg(unix)]
mod system {
    use rustix::io::Errno;
    use rustix::process::{Pid, getppid, test_kill_process};

    /// Somebody else's process is there, too.
    pub fn exists(number: u32) -> bool {
        let pid = i32::try_from(number).ok().and_then(Pid::from_raw);
        pid.is_some_and(|pid| !matches!(test_kill_process(pid), Err(Errno::SRCH)))
    }

    /// The session's leader, else the parent.
    pub fn leader() -> Option<u32> {
        session().or_else(|| u32::try_from(getppid()?.as_raw_nonzero().get()).ok())
    }

    /// The session's leader, none where it lives outside the container: getsid(2) says 0 there, which the safe wrapper of
    /// it takes for impossible. So it is asked of proc(5), where it is field 6.
    #[cfg(target_os = "linux")]
    fn session() -> Option<u32> {
        field(&std::fs::read_to_string("/proc/self/stat").ok()?, 6)?.try_into().ok().filter(|pid| *pid != 0)
    }

    #[cfg(not(target_os = "linux"))]
    fn session() -> Option<u32> {
        u32::try_from(rustix::process::getsid(None).ok()?.as_raw_nonzero().get()).ok()
    }

    /// Clock ticks since the machine started: field 22 of proc(5).
    #[cfg(target_os = "linux")]
    pub fn start(number: u32) -> Option<u64> {
        field(&std::fs::read_to_string(format!("/proc/{number}/stat")).ok()?, 22)
    }

    /// A numeric field of a process's line in proc(5), counted as there.
    #[cfg(target_os = "linux")]
    pub fn field(stat: &str, number: usize) -> Option<u64> {
        // The second one, a name in parentheses, may hold anything.
        stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(number - 3)?.parse().ok()
    }

    /// Microseconds; none for a process of somebody else. Source: <libproc.h>, PROC_PIDTBSDINFO.
    #[cfg(target_os = "macos")]
    #[allow(unsafe_code, reason = "proc_pidinfo has no safe wrapper here")]
    pub fn start(number: u32) -> Option<u64> {
        let pid = i32::try_from(number).ok()?;
        let size = i32::try_from(size_of::<libc::proc_bsdinfo>()).ok()?;
        // SAFETY: the struct is plain data, for which zero bytes are a valid value; the call writes at most its size.
        let (written, info) = unsafe {
            let mut info: libc::proc_bsdinfo = std::mem::zeroed();
            let written = libc::proc_pidinfo(pid, libc::PROC_PIDTBSDINFO, 0, (&raw mut info).cast(), size);
            (written, info)
        };
        (written == size).then(|| info.pbi_start_tvsec * 1_000_000 + info.pbi_start_tvusec)
    }

    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    pub fn start(_: u32) -> Option<u64> {
        None
    }
}

#[cfg(windows)]
mod system {
    use std::collections::HashMap;
    use std::io;
    use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};

    use windows_sys::Win32::Foundation::{ERROR_INVALID_PARAMETER, FILETIME, INVALID_HANDLE_VALUE, WAIT_OBJECT_0};
    use windows_sys::Win32::System::Console::GetConsoleProcessList;
    use windows_sys::Win32::System::Diagnostics::ToolHelp::{
        CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
    };
    use windows_sys::Win32::System::Threading::{
        GetProcessTimes, OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE, WaitForSingleObject,
    };

    use crate::adapters::process_ids::{Relative, leader_of};

    #[allow(unsafe_code, reason = "there is no other way to ask for a process")]
    fn open(number: u32) -> io::Result<OwnedHandle> {
        // SAFETY: no pointers go in; the handle that comes out is owned by nobody else.
        unsafe {
            let handle = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE, 0, number);
            if handle.is_null() { Err(io::Error::last_os_error()) } else { Ok(OwnedHandle::from_raw_handle(handle)) }
        }
    }

    /// A process that has ended is still found while somebody has it open; one that may not be opened lives.
    #[allow(unsafe_code, reason = "there is no other way to ask whether a process has ended")]
    pub fn exists(number: u32) -> bool {
        match open(number) {
            // SAFETY: the handle is open; the call does not wait.
            Ok(handle) => unsafe { WaitForSingleObject(handle.as_raw_handle(), 0) != WAIT_OBJECT_0 },
            Err(error) => error.raw_os_error() != Some(ERROR_INVALID_PARAMETER.cast_signed()),
        }
    }

    /// Tenths of microseconds since 1601.
    #[allow(unsafe_code, reason = "there is no other way to ask when a process started")]
    pub fn start(number: u32) -> Option<u64> {
        let handle = open(number).ok()?;
        let mut times = [FILETIME::default(); 4];
        let [created, ended, kernel, user] = times.each_mut().map(|time| &raw mut *time);
        // SAFETY: the handle is open, and the four places outlive the call.
        let told = unsafe { GetProcessTimes(handle.as_raw_handle(), created, ended, kernel, user) } != 0;
        told.then(|| u64::from(times[0].dwHighDateTime) << 32 | u64::from(times[0].dwLowDateTime))
    }

    pub fn leader() -> Option<u32> {
        let (all, console) = (all(), console());
        let relative = |number: u32| {
            let (parent, program) = all.get(&number)?;
            Some(Relative { parent: *parent, program, in_console: console.contains(&number), start: start(number) })
        };
        leader_of(std::process::id(), relative)
    }

    /// All processes: parent and program.
    #[allow(unsafe_code, reason = "there is no other way to ask for a parent")]
    fn all() -> HashMap<u32, (u32, String)> {
        let mut found = HashMap::new();
        // SAFETY: the snapshot is closed by its owner alone; the struct is plain data whose size is told, and outlives the calls.
        unsafe {
            let snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
            if snapshot == INVALID_HANDLE_VALUE {
                return found;
            }
            let snapshot = OwnedHandle::from_raw_handle(snapshot);
            let mut entry: PROCESSENTRY32W = std::mem::zeroed();
            entry.dwSize = u32::try_from(size_of::<PROCESSENTRY32W>()).unwrap_or_default();
            let mut more = Process32FirstW(snapshot.as_raw_handle(), &raw mut entry) != 0;
            while more {
                let name = entry.szExeFile.split(|unit| *unit == 0).next().unwrap_or_default();
                let name = String::from_utf16_lossy(name).to_lowercase();
                found.insert(entry.th32ProcessID, (entry.th32ParentProcessID, name));
                more = Process32NextW(snapshot.as_raw_handle(), &raw mut entry) != 0;
            }
        }
        found
    }

    /// The processes of this console; none without one.
    #[allow(unsafe_code, reason = "there is no other way to ask who shares a console")]
    fn console() -> Vec<u32> {
        let mut numbers = vec![0; 256];
        // SAFETY: the call writes as many numbers as it is told there is room for. Of more, it writes none.
        let count = unsafe { GetConsoleProcessList(numbers.as_mut_ptr(), 256) };
        numbers.truncate(usize::try_from(count).unwrap_or_default());
        numbers
    }
}

/// What tells the leader among the processes above this one.
#[cfg(any(windows, test))]
#[derive(Debug, Clone, Copy)]
struct Relative<'p> {
    parent: u32,
    program: &'p str,
    in_console: bool,
    start: Option<u64>,
}

/// Windows has no sessions of terminals. The highest process above this one that shares its console stands for the
/// terminal's shell: `$(…)` of a bash there, and scripts, are processes in between, which end at once. Where none does, as
/// under a terminal that is no console (mintty), it is the parent, or of several of one program the highest.
#[cfg(any(windows, test))]
fn leader_of<'p>(own: u32, relative: impl Fn(u32) -> Option<Relative<'p>>) -> Option<u32> {
    // Parents that have ended leave their number behind, which may be another's: nobody starts before their parent.
    let above = |number: u32| {
        let this = relative(number)?;
        let parent = relative(this.parent).filter(|_| this.parent != number)?;
        let older = this.start.zip(parent.start).is_none_or(|(this, parent)| parent <= this);
        older.then_some((this.parent, parent))
    };
    // No more of them than could be: numbers that were used again might lead in a circle.
    let line: Vec<_> = std::iter::successors(above(own), |(number, _)| above(*number)).take(64).collect();
    let program = line.first()?.1.program;
    let of_console = line.iter().rev().find(|(_, process)| process.in_console);
    let of_program = || line.iter().take_while(|(_, process)| process.program == program).last();
    of_console.or_else(of_program).map(|(number, _)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_used_again_is_another_process() {
        let own = own();
        assert!(alive(own));
        assert!(alive(ProcessId { start: None, ..own }), "of an eksso that noted no start");
        if let Some(start) = own.start {
            assert!(!alive(ProcessId { start: Some(start + 1), ..own }));
        }
        assert_eq!(own.start.is_some(), cfg!(any(target_os = "linux", target_os = "macos", windows)));
    }

    #[test]
    fn a_process_that_ended_is_dead() {
        #[cfg(unix)]
        let mut command = std::process::Command::new("true");
        #[cfg(windows)]
        let mut command = std::process::Command::new("cmd");
        #[cfg(windows)]
        command.args(["/c", "exit"]);
        let mut child = command.spawn().expect("started");
        let seen = of(child.id());
        child.wait().expect("ended");
        // Windows knows it for as long as the handle of `child` is open.
        assert!(!alive(seen));
        drop(child);
        assert!(!alive(seen));
    }

    #[test]
    fn somebody_leads() {
        assert!(alive(leader()));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_fields_of_a_process_are_those_behind_its_name() {
        let stat = "12 (a) S 1 2 3 (b) S 11 12 7 34816 12 4194304 1 0 0 0 5 6 7 8 20 0 1 0 777 9";
        assert_eq!([6, 22].map(|number| system::field(stat, number)), [Some(7), Some(777)]);
        assert_eq!(system::field("", 6), None);
    }

    /// (number, parent, program, in the console, start)
    type Known = (u32, u32, &'static str, bool, u64);

    fn leads(known: &[Known]) -> Option<u32> {
        leader_of(100, |number| {
            let (_, parent, program, in_console, start) = known.iter().find(|known| known.0 == number)?;
            Some(Relative { parent: *parent, program, in_console: *in_console, start: Some(*start) })
        })
    }

    #[test]
    fn the_shell_of_the_console_leads_and_not_what_it_starts_for_a_moment() {
        let own = (100, 12, "eksso.exe", true, 50);
        let console =
            [own, (12, 11, "bash.exe", true, 40), (11, 10, "bash.exe", true, 30), (10, 9, "sshd.exe", false, 20)];
        assert_eq!(leads(&console), Some(11));
        let mintty =
            [own, (12, 11, "bash.exe", false, 40), (11, 10, "bash.exe", false, 30), (10, 9, "mintty.exe", false, 20)];
        assert_eq!(leads(&mintty), Some(11));
        assert_eq!(leads(&[own, (12, 11, "pwsh.exe", false, 40), (11, 10, "code.exe", false, 30)]), Some(12));
    }

    #[test]
    fn a_number_that_another_got_after_a_parent_had_ended_leads_nothing() {
        let own = (100, 12, "eksso.exe", true, 50);
        assert_eq!(leads(&[own, (12, 11, "bash.exe", true, 60)]), None);
        assert_eq!(leads(&[own, (12, 11, "bash.exe", true, 40), (11, 1, "bash.exe", true, 45)]), Some(12));
        assert_eq!(leads(&[own]), None);
        assert_eq!(leads(&[(100, 100, "eksso.exe", true, 50)]), None);
        assert_eq!(leads(&[own, (12, 100, "bash.exe", true, 50)]), Some(100), "no endless search");
    }
}
