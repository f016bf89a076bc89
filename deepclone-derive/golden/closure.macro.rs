(::deepclone) impl<T: DeepClone> for Ring<T>
where
    T: Copy,
= |ring, cloner| {
    let slot = cloner.deep_clone(&ring.slot)?;
    Ok(Ring { slot })
}
