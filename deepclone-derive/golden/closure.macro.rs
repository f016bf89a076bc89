(::deepclone) impl<T: DeepClone> for Ring<T> where T: Copy = |ring, cloner| Ok(Ring { slot: cloner.deep_clone(&ring.slot)? })
