use deepclone::*;
use std::cell::*;
use std::collections::*;
use std::rc::*;
use std::sync::*;

#[derive(DeepClone)]
struct Node {
    id: u32,
    name: String,
    next: RefCell<Option<Rc<Node>>>,
    parent: RefCell<Weak<Node>>,
    kids: RefCell<Vec<Rc<Node>>>,
}
fn node(id: u32) -> Rc<Node> {
    Rc::new(Node {
        id,
        name: id.to_string(),
        next: RefCell::new(None),
        parent: RefCell::default(),
        kids: RefCell::default(),
    })
}
fn cut(n: &Rc<Node>) {
    n.next.borrow_mut().take();
}

#[test]
fn self_loop() {
    let a = node(1);
    *a.next.borrow_mut() = Some(a.clone());
    let b = a.deep_clone();
    assert!(Rc::ptr_eq(&b, b.next.borrow().as_ref().unwrap()));
    assert!(!Rc::ptr_eq(&a, &b));
    assert_eq!(Rc::strong_count(&b), 2);
    assert_eq!(Rc::weak_count(&b), 0);
    assert_eq!(Rc::strong_count(&a), 2);
    assert_eq!(Rc::weak_count(&a), 0);
    cut(&a);
    cut(&b);
}
#[test]
fn tree_with_parents() {
    let root = node(0);
    for i in 1..100 {
        let k = node(i);
        *k.parent.borrow_mut() = Rc::downgrade(&root);
        root.kids.borrow_mut().push(k);
    }
    let c = root.deep_clone();
    assert_eq!(Rc::weak_count(&c), 99);
    assert_eq!(Rc::weak_count(&root), 99);
    for k in c.kids.borrow().iter() {
        assert!(Rc::ptr_eq(&k.parent.borrow().upgrade().unwrap(), &c));
    }
    let sub = root.kids.borrow()[3].deep_clone();
    assert!(sub.parent.borrow().upgrade().is_none());
    assert_eq!(Rc::weak_count(&root), 99);
}
trait Shape: DeepClone {
    fn area(&self) -> u32;
    fn link(&self) -> Option<Rc<RefCell<dyn Shape>>>;
    fn set(&mut self, s: Option<Rc<RefCell<dyn Shape>>>);
}
#[derive(DeepClone)]
struct Sq {
    s: u32,
    link: Option<Rc<RefCell<dyn Shape>>>,
    conc: Option<Rc<RefCell<Sq>>>,
    w: Weak<RefCell<dyn Shape>>,
}
impl Shape for Sq {
    fn area(&self) -> u32 {
        self.s * self.s
    }
    fn link(&self) -> Option<Rc<RefCell<dyn Shape>>> {
        self.link.clone()
    }
    fn set(&mut self, s: Option<Rc<RefCell<dyn Shape>>>) {
        self.link = s
    }
}
#[test]
fn dyn_cycle() {
    let w: Weak<RefCell<Sq>> = Weak::new();
    let a: Rc<RefCell<Sq>> = Rc::new(RefCell::new(Sq {
        s: 3,
        link: None,
        conc: None,
        w,
    }));
    let d: Rc<RefCell<dyn Shape>> = a.clone();
    a.borrow_mut().link = Some(d.clone());
    a.borrow_mut().conc = Some(a.clone());
    a.borrow_mut().w = Rc::downgrade(&d);
    let c = d.deep_clone();
    assert_eq!(c.borrow().area(), 9);
    let l = c.borrow().link().unwrap();
    assert!(std::ptr::addr_eq(Rc::as_ptr(&l), Rc::as_ptr(&c)));
    assert_eq!(Rc::strong_count(&c), 4);
    assert_eq!(Rc::weak_count(&c), 1);
    drop(l);
    c.borrow_mut().set(None);
    a.borrow_mut().set(None);
    a.borrow_mut().conc = None;
}
#[test]
fn errors() {
    #[derive(DeepClone)]
    struct S {
        nodes: Vec<Rc<RefCell<N>>>,
    }
    #[derive(DeepClone)]
    struct N {
        parent: RefCell<u32>,
    }
    let s = S {
        nodes: (0..5)
            .map(|i| {
                Rc::new(RefCell::new(N {
                    parent: RefCell::new(i),
                }))
            })
            .collect(),
    };
    let n3 = s.nodes[3].borrow();
    let g = n3.parent.borrow_mut();
    let e = s.try_deep_clone().err().unwrap();
    assert_eq!(e.kind(), ErrorKind::AlreadyBorrowed);
    assert_eq!(e.path(), "S.nodes[3].parent");
    println!("{e}");
    drop(g);
    s.try_deep_clone().unwrap();
}
#[test]
fn maps() {
    let mut m: HashMap<Rc<str>, Rc<RefCell<Vec<u32>>>> = HashMap::new();
    let v = Rc::new(RefCell::new(vec![1]));
    for i in 0..100 {
        m.insert(Rc::from(format!("k{i}")), v.clone());
    }
    let c = m.deep_clone();
    assert_eq!(c.len(), 100);
    assert_eq!(c, m);
    let first = c.values().next().unwrap();
    assert!(c.values().all(|x| Rc::ptr_eq(x, first)));
    assert_eq!(Rc::strong_count(first), 100);
    let cell = RefCell::new(m);
    assert_eq!(cell.deep_clone(), cell);
    let b: BTreeMap<String, Vec<u8>> = [("a".to_string(), vec![1]), ("b".into(), vec![2])].into();
    assert_eq!(b.deep_clone(), b);
    let h: BinaryHeap<Rc<u32>> = (0..10).map(Rc::new).collect();
    assert_eq!(h.deep_clone().into_vec(), h.clone().into_vec());
}
struct Key(Rc<KNode>);
#[derive(DeepClone)]
struct KNode {
    id: u32,
    map: RefCell<HashMap<PKey, u32>>,
}
#[derive(DeepClone)]
struct PKey(Rc<KNode>);
impl std::hash::Hash for PKey {
    fn hash<H: std::hash::Hasher>(&self, h: &mut H) {
        Rc::as_ptr(&self.0).hash(h)
    }
}
impl PartialEq for PKey {
    fn eq(&self, o: &Self) -> bool {
        Rc::ptr_eq(&self.0, &o.0)
    }
}
impl Eq for PKey {}
#[test]
fn keys_in_cycle() {
    let n = Rc::new(KNode {
        id: 1,
        map: RefCell::default(),
    });
    n.map.borrow_mut().insert(PKey(n.clone()), 5);
    let c = n.deep_clone();
    assert_eq!(c.map.borrow()[&PKey(c.clone())], 5);
    assert_eq!(Rc::strong_count(&c), 2);
    assert_eq!(Rc::weak_count(&c), 0);
    n.map.borrow_mut().clear();
    c.map.borrow_mut().clear();
    let _ = Key(n);
}
#[derive(DeepClone)]
struct L {
    v: u32,
    next: Option<Rc<L>>,
}
#[derive(DeepClone)]
struct B {
    v: u32,
    next: Option<Box<B>>,
}
impl Drop for L {
    fn drop(&mut self) {
        let mut n = self.next.take();
        while let Some(r) = n {
            match Rc::try_unwrap(r) {
                Ok(mut l) => n = l.next.take(),
                Err(_) => break,
            }
        }
    }
}
impl Drop for B {
    fn drop(&mut self) {
        let mut n = self.next.take();
        while let Some(mut r) = n {
            n = r.next.take();
        }
    }
}
#[test]
fn deep() {
    std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(|| {
            let mut l = None;
            for v in 0..1_000_000 {
                l = Some(Rc::new(L { v, next: l }));
            }
            let c = l.deep_clone();
            let mut n = &c;
            let mut k = 0;
            while let Some(x) = n {
                assert_eq!(x.v, 999_999 - k);
                k += 1;
                n = &x.next;
            }
            assert_eq!(k, 1_000_000);
            let mut l = None;
            for v in 0..1_000_000 {
                l = Some(Box::new(B { v, next: l }));
            }
            let c = l.deep_clone();
            let mut n = &c;
            let mut k = 0;
            while let Some(x) = n {
                assert_eq!(x.v, 999_999 - k);
                k += 1;
                n = &x.next;
            }
            assert_eq!(k, 1_000_000);
        })
        .unwrap()
        .join()
        .unwrap();
}
#[test]
fn locks() {
    #[derive(DeepClone)]
    struct A {
        o: Mutex<Option<Arc<A>>>,
        r: RwLock<Vec<Arc<A>>>,
        w: Mutex<std::sync::Weak<A>>,
    }
    let a = Arc::new(A {
        o: Mutex::default(),
        r: RwLock::default(),
        w: Mutex::default(),
    });
    *a.o.lock().unwrap() = Some(a.clone());
    a.r.write().unwrap().push(a.clone());
    *a.w.lock().unwrap() = Arc::downgrade(&a);
    let c = a.deep_clone();
    assert_eq!(Arc::strong_count(&c), 3);
    assert_eq!(Arc::weak_count(&c), 1);
    assert_eq!(Arc::strong_count(&a), 3);
    assert!(Arc::ptr_eq(&c, c.o.lock().unwrap().as_ref().unwrap()));
    assert!(Arc::ptr_eq(&c, &c.r.read().unwrap()[0]));
    assert!(Arc::ptr_eq(&c, &c.w.lock().unwrap().upgrade().unwrap()));
    for x in [a, c] {
        x.o.lock().unwrap().take();
        x.r.write().unwrap().clear();
    }
}
struct Hand {
    v: u32,
    parent: RefCell<Weak<Hand>>,
    kids: Vec<Rc<Hand>>,
    extra: Rc<u32>,
}
impl_deep_clone! { impl for Hand = |h, c| Ok(Hand { v: h.v, parent: c.deep_clone(&h.parent)?, kids: c.deep_clone(&h.kids)?, extra: c.deep_clone(&h.extra)? }) }
#[test]
fn by_hand_tree() {
    let x = Rc::new(7);
    let root = Rc::new_cyclic(|w: &Weak<Hand>| Hand {
        v: 1,
        parent: RefCell::default(),
        extra: x.clone(),
        kids: (0..3)
            .map(|i| {
                Rc::new(Hand {
                    v: i,
                    parent: RefCell::new(w.clone()),
                    kids: vec![],
                    extra: x.clone(),
                })
            })
            .collect(),
    });
    let c = root.deep_clone();
    assert_eq!(c.kids.len(), 3);
    for k in &c.kids {
        assert!(Rc::ptr_eq(&k.parent.borrow().upgrade().unwrap(), &c));
        assert!(Rc::ptr_eq(&k.extra, &c.extra));
    }
    assert_eq!(Rc::strong_count(&c.extra), 4);
    assert_eq!(Rc::weak_count(&c.extra), 0);
    assert_eq!(Rc::weak_count(&c), 3);
    assert_eq!(Rc::strong_count(&x), 5);
    assert_eq!(Rc::weak_count(&x), 0);
    // strong cycle through hand
    struct Cy {
        next: RefCell<Option<Rc<Cy>>>,
    }
    impl_deep_clone! { impl for Cy = |h, c| Ok(Cy { next: c.deep_clone(&h.next)? }) }
    let a = Rc::new(Cy {
        next: RefCell::default(),
    });
    *a.next.borrow_mut() = Some(a.clone());
    let e = a.try_deep_clone().err().unwrap();
    assert_eq!(e.kind(), ErrorKind::Incomplete);
    assert!(e.type_name().contains("Cy"));
    println!("{e}");
    assert_eq!(Rc::strong_count(&a), 2);
    assert_eq!(Rc::weak_count(&a), 0);
    a.next.borrow_mut().take();
}
#[test]
fn sessions() {
    let shared = Rc::new(5);
    let mut s = Session::new();
    let a = s.deep_clone(&vec![shared.clone(), shared.clone()]).unwrap();
    let b = s.deep_clone(&shared).unwrap();
    assert!(Rc::ptr_eq(&a[0], &b));
    assert_eq!(s.stats().objects, 1);
    assert_eq!(s.stats().shared_edges, 2);
    assert!(Rc::ptr_eq(&s.copy_of(&shared).unwrap(), &b));
    assert!(s.keep(&shared).is_err());
    drop((a, b));
    assert!(s.copy_of(&shared).is_none());
    s.keep(&shared).unwrap();
    let k = s.deep_clone(&shared).unwrap();
    assert!(Rc::ptr_eq(&k, &shared));
    drop(s);
    drop(k);
    assert_eq!(Rc::strong_count(&shared), 1);
    assert_eq!(Rc::weak_count(&shared), 0);
}
