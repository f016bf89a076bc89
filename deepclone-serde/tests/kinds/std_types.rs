//! Types of the standard library that serde knows.

use crate::table::Table;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::ffi::{CString, OsString};
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::num::{NonZeroI128, NonZeroU8, Saturating, Wrapping};
use std::ops::Bound;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, SystemTime};

pub(crate) fn fill(table: &mut Table) {
    table.kind("`Box`", Box::new(1));
    table.kind("`Rc`", Rc::new("rc".to_owned()));
    table.kind("`Rc<str>`", Rc::<str>::from("rc"));
    table.kind("`Arc`", Arc::new(vec![1]));
    table.kind("`Arc<[u16]>`", Arc::<[u16]>::from([1, 2]));
    table.kind("`Cell`", Cell::new(1));
    table.kind("`RefCell`", RefCell::new("cell".to_owned()));
    table.kind_by("`Mutex`", Mutex::new(1), |a, b| {
        *a.lock().unwrap() == *b.lock().unwrap()
    });
    table.kind_by("`RwLock`", RwLock::new('x'), |a, b| {
        *a.read().unwrap() == *b.read().unwrap()
    });
    table.kind_by("`AtomicBool`", AtomicBool::new(true), |a, b| {
        a.load(Ordering::Relaxed) == b.load(Ordering::Relaxed)
    });
    table.kind_by("`AtomicI64`", AtomicI64::new(-5), |a, b| {
        a.load(Ordering::Relaxed) == b.load(Ordering::Relaxed)
    });
    table.kind("`NonZeroU8`", NonZeroU8::MAX);
    table.kind("`NonZeroI128`", NonZeroI128::MIN);
    table.kind("`Wrapping`", Wrapping(250_u8));
    table.kind("`Saturating`", Saturating(-3_i16));
    table.kind("`Reverse`", Reverse(1));
    table.kind("`PhantomData`", PhantomData::<u8>);
    table.kind("`Range`", 1..5);
    table.kind("`RangeInclusive`", 1..=5);
    table.kind("`RangeFrom`", 1..);
    table.kind("`RangeTo`", ..5);
    table.kind("`Bound`, unbounded", Bound::<u8>::Unbounded);
    table.kind("`Bound`, included", Bound::Included(1));
    table.kind("`Duration`", Duration::new(u64::MAX, 999_999_999));
    table.kind("`SystemTime`", SystemTime::UNIX_EPOCH + Duration::new(1, 1));
    table.kind("`Result`, ok", Ok::<u8, String>(1));
    table.kind("`Result`, err", Err::<u8, String>("no".to_owned()));
    table.kind("`Ipv4Addr`", Ipv4Addr::LOCALHOST);
    table.kind("`Ipv6Addr`", Ipv6Addr::LOCALHOST);
    table.kind("`IpAddr`", IpAddr::from([1, 2, 3, 4]));
    table.kind("`SocketAddr`, v4", SocketAddr::from(([1, 2, 3, 4], 5)));
    table.kind(
        "`SocketAddrV6`",
        SocketAddrV6::new(Ipv6Addr::LOCALHOST, 1, 0, 0),
    );
    table.kind("`PathBuf`", PathBuf::from("/a/b"));
    table.kind("`OsString`", OsString::from("os"));
    table.kind("`CString`", CString::new("c").unwrap());
}
