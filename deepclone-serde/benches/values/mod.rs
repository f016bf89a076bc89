//! The values that both benches copy.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Clone)]
pub(crate) struct Small {
    pub(crate) id: u32,
    pub(crate) kind: u8,
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) weight: f64,
    pub(crate) count: i64,
}

#[derive(Serialize, Deserialize, Clone)]
pub(crate) struct Config {
    name: String,
    enabled: bool,
    limits: Limits,
    services: Vec<Service>,
    labels: HashMap<String, String>,
}

#[derive(Serialize, Deserialize, Clone)]
pub(crate) struct Limits {
    memory: u64,
    cpus: f64,
    burst: Option<u32>,
}

#[derive(Serialize, Deserialize, Clone)]
pub(crate) struct Service {
    name: String,
    ports: Vec<u16>,
    backend: Backend,
    retry: Option<Retry>,
}

#[derive(Serialize, Deserialize, Clone)]
pub(crate) enum Backend {
    None,
    Socket(String),
    Http {
        host: String,
        path: String,
        tls: bool,
    },
    Weighted(Vec<(String, f32)>),
}

#[derive(Serialize, Deserialize, Clone)]
pub(crate) struct Retry {
    attempts: u8,
    delays: Vec<u64>,
}

#[derive(Serialize, Deserialize, Clone)]
pub(crate) struct Node {
    tag: String,
    children: Vec<Node>,
}

pub(crate) fn config() -> Vec<Config> {
    (0..1_080)
        .map(|i| Config {
            name: format!("application-{i}"),
            enabled: i % 3 == 0,
            limits: Limits {
                memory: i * 1_000_000,
                cpus: i as f64 / 7.0,
                burst: (i % 2 == 0).then_some(i as u32),
            },
            services: (0..16)
                .map(|j| Service {
                    name: format!("service-{i}-{j}"),
                    ports: vec![80, 443, 8000 + j],
                    backend: match j % 4 {
                        0 => Backend::None,
                        1 => Backend::Socket(format!("/run/service-{j}.sock")),
                        2 => Backend::Http {
                            host: format!("host-{j}.example.org"),
                            path: "/api/v1/items".to_owned(),
                            tls: true,
                        },
                        _ => Backend::Weighted(vec![
                            ("left".to_owned(), 0.25),
                            ("right".to_owned(), 0.75),
                        ]),
                    },
                    retry: (j % 2 == 0).then(|| Retry {
                        attempts: 3,
                        delays: vec![10, 100, 1000],
                    }),
                })
                .collect(),
            labels: (0..8)
                .map(|j| (format!("label-{j}"), format!("value-{i}-{j}")))
                .collect(),
        })
        .collect()
}

pub(crate) fn document(depth: usize) -> Node {
    (0..depth).fold(
        Node {
            tag: "leaf".to_owned(),
            children: Vec::new(),
        },
        |inner, level| Node {
            tag: format!("level-{level}"),
            children: vec![
                Node {
                    tag: "text".to_owned(),
                    children: Vec::new(),
                },
                inner,
            ],
        },
    )
}

pub(crate) fn floats() -> Vec<f64> {
    (0..100_000).map(|i| i as f64 * 0.37).collect()
}

pub(crate) fn small() -> Vec<Small> {
    (0..20_000)
        .map(|i| Small {
            id: i,
            kind: (i % 7) as u8,
            x: i as f32,
            y: 0.5,
            weight: f64::from(i) / 3.0,
            count: i64::from(i) * 1_000,
        })
        .collect()
}

pub(crate) fn map() -> HashMap<String, Vec<String>> {
    (0..10_000)
        .map(|i| {
            (
                format!("key-{i}"),
                (0..3).map(|j| format!("value-{i}-{j}")).collect(),
            )
        })
        .collect()
}

/// Does something where a deep document has room.
pub(crate) fn on_large_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(64 << 20);
    thread.spawn(work).unwrap().join().unwrap();
}
