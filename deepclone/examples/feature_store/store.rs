//! The state that everybody works on.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use deepclone::{DeepClone, Snapshot};
use serde::{Deserialize, Serialize};

/// Shards of the map.
const SHARDS: usize = 64;
/// Amounts that a user's features remember.
pub(crate) const RECENT: usize = 16;
/// Buckets of a user's histogram of amounts.
pub(crate) const BUCKETS: usize = 8;

/// What is known of a user.
#[derive(DeepClone, Serialize, Deserialize, Clone, Debug, PartialEq)]
pub(crate) struct Features {
    pub(crate) user: u64,
    pub(crate) events: u64,
    pub(crate) sum: f64,
    pub(crate) mean: f64,
    pub(crate) variance: f64,
    pub(crate) buckets: [u64; BUCKETS],
    pub(crate) recent: VecDeque<f64>,
    pub(crate) merchant: String,
    pub(crate) countries: Vec<(String, u32)>,
}

/// One user, shared by whoever is at work on it.
pub(crate) type User = Arc<Mutex<Features>>;

/// The users by shard: what is copied.
#[derive(DeepClone)]
pub(crate) struct Users {
    pub(crate) shards: Vec<RwLock<HashMap<u64, User>>>,
}

/// The rules in force. Every version has counters of its own, which readers write to while they score.
#[derive(DeepClone)]
pub(crate) struct RuleBook {
    pub(crate) version: u64,
    pub(crate) limits: Vec<Arc<Rule>>,
    /// The rule that counts most: one of `limits`, in every version.
    pub(crate) strictest: Arc<Rule>,
}

/// One rule.
#[derive(DeepClone)]
pub(crate) struct Rule {
    pub(crate) limit: f64,
    pub(crate) hits: AtomicU64,
}

/// Everything.
pub(crate) struct Store {
    pub(crate) users: Users,
    pub(crate) rules: Snapshot<RuleBook>,
    pub(crate) count: u64,
    events: AtomicU64,
    copies: AtomicU64,
}

/// Opens a lock. Nobody panics under one, so a poisoned one is as good as any.
pub(crate) fn open<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Features {
    fn new(user: u64) -> Self {
        Self {
            user,
            events: 0,
            sum: 0.0,
            mean: 0.0,
            variance: 0.0,
            buckets: [0; BUCKETS],
            recent: VecDeque::with_capacity(RECENT),
            merchant: String::new(),
            countries: Vec::new(),
        }
    }

    /// Takes an event in.
    pub(crate) fn update(&mut self, amount: f64, merchant: &str, country: &str) {
        self.events += 1;
        self.sum += amount;
        let off = amount - self.mean;
        self.mean += off / self.events as f64;
        self.variance += off * (amount - self.mean);
        let bucket = (amount / 1000.0 * BUCKETS as f64) as usize;
        self.buckets[bucket.min(BUCKETS - 1)] += 1;
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(amount);
        self.merchant.clear();
        self.merchant.push_str(merchant);
        match self.countries.iter_mut().find(|(name, _)| name == country) {
            Some((_, times)) => *times += 1,
            None => self.countries.push((country.to_string(), 1)),
        }
    }

    /// Whether it was not seen in the middle of an update.
    pub(crate) fn is_whole(&self) -> bool {
        let seen: u64 = self
            .countries
            .iter()
            .map(|(_, times)| u64::from(*times))
            .sum();
        self.buckets.iter().sum::<u64>() == self.events
            && seen == self.events
            && self.recent.len() as u64 == self.events.min(RECENT as u64)
    }
}

impl Store {
    /// A store whose users have had one event each.
    pub(crate) fn filled(count: u64) -> Self {
        let mut shards: Vec<HashMap<u64, User>> = (0..SHARDS).map(|_| HashMap::new()).collect();
        for user in 0..count {
            let mut features = Features::new(user);
            features.update((user % 997) as f64, "first", "de");
            shards[user as usize % SHARDS].insert(user, Arc::new(Mutex::new(features)));
        }
        let limits: Vec<_> = (1..=8)
            .map(|limit| {
                Arc::new(Rule {
                    limit: f64::from(limit) * 100.0,
                    hits: AtomicU64::new(0),
                })
            })
            .collect();
        Self {
            users: Users {
                shards: shards.into_iter().map(RwLock::new).collect(),
            },
            rules: Snapshot::new(RuleBook {
                version: 0,
                strictest: limits[0].clone(),
                limits,
            }),
            count,
            events: AtomicU64::new(0),
            copies: AtomicU64::new(0),
        }
    }

    /// The user of a number below `count`.
    pub(crate) fn user(&self, number: u64) -> User {
        self.users.user(number).expect("the store is filled")
    }

    pub(crate) fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    pub(crate) fn add_events(&self, events: u64) {
        self.events.fetch_add(events, Ordering::Relaxed);
    }

    pub(crate) fn copies(&self) -> u64 {
        self.copies.load(Ordering::Relaxed)
    }

    pub(crate) fn add_copy(&self) {
        self.copies.fetch_add(1, Ordering::Relaxed);
    }
}

impl Users {
    pub(crate) fn user(&self, number: u64) -> Option<User> {
        let shard = self.shards[number as usize % SHARDS]
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        shard.get(&number).cloned()
    }
}
