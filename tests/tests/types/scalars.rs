//! Numbers, atomics, times and addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8,
    NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize, Saturating, Wrapping,
};
use std::sync::Arc;
use std::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16,
    AtomicU32, AtomicU64, AtomicUsize, Ordering,
};
use std::time::{Duration, Instant, SystemTime};

use deepclone::DeepClone;

use crate::{check, check_by};

#[test]
fn scalars() {
    check! {
        (): ();
        bool: true, false;
        char: 'a', '\u{10FFFF}';
        i8: -1, i8::MIN; i16: i16::MIN; i32: i32::MIN; i64: i64::MIN; i128: i128::MIN; isize: isize::MIN;
        u8: 255; u16: u16::MAX; u32: u32::MAX; u64: u64::MAX; u128: u128::MAX; usize: usize::MAX;
        f32: 1.5, -0.0, f32::INFINITY;
        f64: 1.5, f64::MIN_POSITIVE;
        std::cmp::Ordering: std::cmp::Ordering::Less;
        std::num::FpCategory: std::num::FpCategory::Nan;
        std::any::TypeId: std::any::TypeId::of::<u8>();
        std::alloc::Layout: std::alloc::Layout::new::<u64>();
        Option<std::convert::Infallible>: None;
        std::num::ParseIntError: "x".parse::<u8>().unwrap_err();
        std::thread::ThreadId: std::thread::current().id();
    }
}

#[test]
fn payloads_of_nan_and_signs_of_zero() {
    for bits in [
        0x7ff8_0000_dead_beef_u64,
        0xfff8_0000_0000_0001,
        (-0.0_f64).to_bits(),
    ] {
        check_by(|| f64::from_bits(bits), |value| value.to_bits());
    }
    check_by(|| f32::from_bits(0x7fc0_1234), |value| value.to_bits());
}

#[test]
fn nonzero_and_wrapped_numbers() {
    check! {
        NonZeroI8: NonZeroI8::MIN; NonZeroI16: NonZeroI16::MIN; NonZeroI32: NonZeroI32::MIN;
        NonZeroI64: NonZeroI64::MIN; NonZeroI128: NonZeroI128::MIN; NonZeroIsize: NonZeroIsize::MIN;
        NonZeroU8: NonZeroU8::MAX; NonZeroU16: NonZeroU16::MAX; NonZeroU32: NonZeroU32::MAX;
        NonZeroU64: NonZeroU64::MAX; NonZeroU128: NonZeroU128::MAX; NonZeroUsize: NonZeroUsize::MAX;
        Option<NonZeroU8>: None, NonZeroU8::new(3);
        Wrapping<u8>: Wrapping(200);
        Saturating<i64>: Saturating(-7);
        Wrapping<Wrapping<u128>>: Wrapping(Wrapping(1));
    }
}

#[test]
fn atomics_hold_what_they_held() {
    check_by! {
        AtomicBool: AtomicBool::new(true) => |it| it.load(Ordering::SeqCst);
        AtomicI8: AtomicI8::new(-8) => |it| it.load(Ordering::SeqCst);
        AtomicI16: AtomicI16::new(-16) => |it| it.load(Ordering::SeqCst);
        AtomicI32: AtomicI32::new(-32) => |it| it.load(Ordering::SeqCst);
        AtomicI64: AtomicI64::new(-64) => |it| it.load(Ordering::SeqCst);
        AtomicIsize: AtomicIsize::new(-1) => |it| it.load(Ordering::SeqCst);
        AtomicU8: AtomicU8::new(8) => |it| it.load(Ordering::SeqCst);
        AtomicU16: AtomicU16::new(16) => |it| it.load(Ordering::SeqCst);
        AtomicU32: AtomicU32::new(32) => |it| it.load(Ordering::SeqCst);
        AtomicU64: AtomicU64::new(64) => |it| it.load(Ordering::SeqCst);
        AtomicUsize: AtomicUsize::new(1) => |it| it.load(Ordering::SeqCst);
    }
    let source = Arc::new(AtomicU32::new(1));
    let copy = source.deep_clone();
    source.store(2, Ordering::SeqCst);
    assert_eq!(copy.load(Ordering::SeqCst), 1);
}

#[test]
fn times_and_addresses() {
    let (now, today) = (Instant::now(), SystemTime::now());
    check! {
        Duration: Duration::MAX;
        Instant: now;
        SystemTime: today;
        Ipv4Addr: Ipv4Addr::LOCALHOST;
        Ipv6Addr: Ipv6Addr::LOCALHOST;
        IpAddr: IpAddr::V4(Ipv4Addr::BROADCAST), IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        SocketAddrV4: SocketAddrV4::new(Ipv4Addr::LOCALHOST, 80);
        SocketAddrV6: SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, 1, 2);
        SocketAddr: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 443);
    }
}
