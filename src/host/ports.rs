//! Who listens on which TCP port.
//!
//! Reads the kernel's socket tables and, for a socket of interest, finds the process that holds it. Binds nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use camino::Utf8Path;

use super::{Host, Result};

/// State LISTEN in the kernel's tables.
const LISTEN: &str = "0A";

/// A socket that accepts connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Where it listens; unspecified means everywhere.
    pub address: IpAddr,
    /// Port.
    pub port: u16,
    /// The kernel's number of the socket.
    pub inode: u64,
    /// Who holds it, where that could be told.
    pub process: Option<Process>,
}

/// A running program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    /// The last part of the program's name.
    pub name: String,
    /// Its command line, words joined by blanks.
    pub command: String,
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (pid {})", self.name, self.pid)
    }
}

impl Listener {
    /// Whether it keeps another socket from listening on its port at `wanted` (`None`: everywhere).
    #[must_use]
    pub fn excludes(&self, wanted: Option<IpAddr>) -> bool {
        wanted.is_none_or(|wanted| {
            wanted.is_unspecified() || self.address.is_unspecified() || wanted.to_canonical() == self.address
        })
    }
}

/// The listeners on some ports, with the processes that hold them.
pub fn listeners(host: &dyn Host, ports: &[u16]) -> Result<Vec<Listener>> {
    let mut found = Vec::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        found.extend(parse(&host.read_lossy(Utf8Path::new(table))?));
    }
    found.retain(|listener| ports.contains(&listener.port));
    if !found.is_empty() {
        let holders = holders(host, &found);
        for listener in &mut found {
            listener.process = holders.get(&listener.inode).cloned();
        }
    }
    Ok(found)
}

/// The listeners in a table of the form of /proc/net/tcp or tcp6; lines that are none are left out.
#[must_use]
pub fn parse(table: &str) -> Vec<Listener> {
    table.lines().skip(1).filter_map(parse_line).collect()
}

fn parse_line(line: &str) -> Option<Listener> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (address, port) = fields.get(1)?.split_once(':')?;
    if *fields.get(3)? != LISTEN {
        return None;
    }
    Some(Listener {
        address: parse_address(address)?.to_canonical(),
        port: u16::from_str_radix(port, 16).ok()?,
        inode: fields.get(9)?.parse().ok()?,
        process: None,
    })
}

/// Words of 32 bits, each in the machine's own byte order.
fn parse_address(hex: &str) -> Option<IpAddr> {
    let word = |at: usize| u32::from_str_radix(hex.get(at..at + 8)?, 16).ok().map(u32::to_ne_bytes);
    match hex.len() {
        8 => Some(IpAddr::V4(Ipv4Addr::from(word(0)?))),
        32 => {
            let mut bytes = [0; 16];
            for (at, chunk) in bytes.chunks_exact_mut(4).enumerate() {
                chunk.copy_from_slice(&word(at * 8)?);
            }
            Some(IpAddr::V6(Ipv6Addr::from(bytes)))
        }
        _ => None,
    }
}

/// The processes that hold these sockets. Processes come and go while one looks, and some may not be looked at:
/// what can't be read belongs to nobody that we could name.
fn holders(host: &dyn Host, wanted: &[Listener]) -> BTreeMap<u64, Process> {
    let mut found = BTreeMap::new();
    for dir in host.list(Utf8Path::new("/proc")).unwrap_or_default() {
        let Some(pid) = dir.file_name().and_then(|name| name.parse::<u32>().ok()) else { continue };
        for fd in host.list(&dir.join("fd")).unwrap_or_default() {
            let Ok(Some(target)) = host.link(&fd) else { continue };
            let number = target.as_str().strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']'));
            let Some(inode) = number.and_then(|number| number.parse::<u64>().ok()) else { continue };
            if wanted.iter().any(|listener| listener.inode == inode) {
                // A socket handed down to children is named by the process that made it, the lowest number.
                let process = process(host, &dir, pid);
                let holder = found.entry(inode).or_insert_with(|| process.clone());
                if process.pid < holder.pid {
                    *holder = process;
                }
            }
        }
        if found.len() == wanted.len() {
            break;
        }
    }
    found
}

fn process(host: &dyn Host, dir: &Utf8Path, pid: u32) -> Process {
    let read = |name: &str| visible(&host.read(&dir.join(name)).ok().flatten().unwrap_or_default());
    let command = read("cmdline");
    let program = command.split(' ').next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    // The kernel cuts its own name for a process at 15 bytes (kube-controller-manager is longer); a program that
    // retitles itself ("nginx: master process") has a better one there.
    let name = match program.trim_end_matches(':') {
        "" => read("comm"),
        name => name.to_owned(),
    };
    Process { pid, name, command }
}

/// What a process says of itself, on one line whatever it is: words are ended by NUL, a name by a line's end, and of
/// any other control character its escape is left.
fn visible(bytes: &[u8]) -> String {
    let words = String::from_utf8_lossy(bytes).trim_end_matches(['\0', '\n']).replace('\0', " ");
    words.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::FakeHost;
    use super::*;

    const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
   0: 0100007F:192B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 543 1 0 100 0 0 10 0\n\
   1: 0100007F:A95B 0100007F:192B 01 00000000:00000000 00:00000000 00000000     0        0 201684 1 0 100 0 0 10 0\n";
    const TCP6: &str = "  sl  local_address                         remote_address                        st\n\
   0: 00000000000000000000000000000000:192B 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 777 1 0 100 0 0 10 0\n\
   1: 000000FD000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 778 1 0 100 0 0 10 0\n";

    #[test]
    fn names_the_holder() {
        let host = FakeHost::new()
            .with_file("/proc/net/tcp", TCP)
            .with_file("/proc/net/tcp6", TCP6)
            .with_file("/proc/123/cmdline", "/usr/bin/kube-controller-manager\0--v=2\0")
            .with_file("/proc/123/fd/3", "")
            .with_link("/proc/123/fd/3", "socket:[777]");
        let found = listeners(&host, &[6443]).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].address.to_string(), "127.0.0.1");
        assert_eq!(found[0].process, None);
        let process = found[1].process.as_ref().unwrap();
        assert_eq!(process.to_string(), "kube-controller-manager (pid 123)");
        assert_eq!(process.command, "/usr/bin/kube-controller-manager --v=2");
    }

    #[test]
    fn a_holder_cannot_write_lines_of_its_own() {
        let holder = |cmdline: &str, comm: &str| {
            let host = FakeHost::new().with_file("/p/cmdline", cmdline).with_file("/p/comm", comm);
            process(&host, Utf8Path::new("/p"), 7)
        };
        let nasty = holder("/bin/x\0-c\0a\nerror: b\x1b[2J\0", "x\n");
        assert_eq!((nasty.name.as_str(), nasty.command.as_str()), ("x", "/bin/x -c a\\nerror: b\\u{1b}[2J"));
        assert_eq!(holder("", "k\tworker\n").name, "k\\tworker");
    }

    #[test]
    fn a_listener_elsewhere_does_not_exclude() {
        let found = parse(TCP);
        let at = |text: &str| Some(text.parse().unwrap());
        assert!(found[0].excludes(None) && found[0].excludes(at("0.0.0.0")) && found[0].excludes(at("127.0.0.1")));
        assert!(!found[0].excludes(at("192.0.2.2")));
        assert!(parse(TCP6)[0].excludes(at("192.0.2.2")));
        assert_eq!(parse(TCP6)[1].address.to_string(), "fd00::1");
    }

    proptest! {
        #[test]
        fn any_table_is_read(table in "[\\PC\n]*", hex in "[0-9a-fA-Fé]{0,40}") {
            let _ = parse(&table);
            let _ = parse_address(&hex);
        }
    }
}
