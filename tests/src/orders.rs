//! All orders in which things can be met.

/// Calls `visit` with the items in every order.
pub fn in_every_order<T>(items: &mut Vec<T>, visit: &mut dyn FnMut(&Vec<T>)) {
    fn from<T>(items: &mut Vec<T>, start: usize, visit: &mut dyn FnMut(&Vec<T>)) {
        if start + 1 >= items.len() {
            return visit(items);
        }
        for chosen in start..items.len() {
            items.swap(start, chosen);
            from(items, start + 1, visit);
            items.swap(start, chosen);
        }
    }
    from(items, 0, visit);
}
