use super::*;

#[test]
fn numbers_that_are_no_sizes_are_refused() {
    for bad in [-1.0, 0.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
        assert!(to_usize("n", bad).is_err(), "{bad}");
    }
    assert_eq!(to_usize("n", 4_294_967_292.0), Ok(4_294_967_292));
}

#[test]
fn ranges_resolve_only_inside_one_allocation_also_above_two_gib() {
    let mut registry = Registry::new();
    let high = 0xC000_0000;
    registry.insert(1024, 64);
    registry.insert(high, 4096);
    assert_eq!(
        registry.resolve("x", high + 4000, 24),
        Ok(high + 4000..high + 4096)
    );
    assert_eq!(registry.resolve("x", 1088, 0), Ok(1088..1088));
    for (address, len) in [
        (high + 4000, 25),
        (1020, 1),
        (1026, 1),
        (1084, 2),
        (high - 4, 1),
        (0, 1),
    ] {
        assert!(
            registry.resolve("x", address, len).is_err(),
            "{address} {len}"
        );
    }
    assert!(registry.resolve("x", usize::MAX - 3, 4).is_err());
    let last = usize::MAX - 63;
    registry.insert(last, 64);
    assert_eq!(registry.resolve("x", last, 15), Ok(last..usize::MAX - 3));
    assert!(registry.resolve("x", usize::MAX - 3, 1).is_err());
    assert!(registry.resolve("x", 1024, usize::MAX).is_err());
}

#[test]
fn operands_may_share_reads_but_never_overlap_writes() {
    let address = alloc(64).unwrap();
    let at = |element: usize| (address + 4 * element) as f64;
    with_access(|access| {
        access.read("a", at(0), 8)?;
        access.read("b", at(4), 8)?;
        assert!(access.write("c", at(11), 2).is_err());
        access.write("d", at(12), 4)?.fill(1.0);
        assert!(access.read("e", at(15), 1).is_err());
        assert!(access.read_optional("f", 0.0, 3)?.is_none());
        Ok(())
    })
    .unwrap();
    free(address).unwrap();
    assert!(free(address).is_err());
}

#[test]
fn an_operand_may_be_written_in_place_but_not_overlap_itself_shifted() {
    let address = alloc(64).unwrap();
    let at = |element: usize| (address + 4 * element) as f64;
    let two = crate::simd::F32x4::splat(2.0);
    with_access(|access| {
        access.write("x", at(0), 16)?.fill(1.0);
        Ok(())
    })
    .unwrap();
    for (input, output) in [(0, 0), (0, 8), (8, 8)] {
        with_access(|access| {
            let in_out = access.in_out(("in", at(input)), ("out", at(output)), 8)?;
            in_out.map(|x| x * two);
            // What it reads or writes is taken, in either form.
            assert!(access.write("y", at(input + 7), 1).is_err());
            assert!(access.read("y", at(output), 1).is_err());
            Ok(())
        })
        .unwrap();
    }
    for (input, output) in [(0, 1), (4, 0), (7, 8), (9, 9), (0, 16)] {
        with_access(|access| {
            let in_out = access.in_out(("in", at(input)), ("out", at(output)), 8);
            assert!(in_out.is_err(), "{input} to {output}");
            Ok(())
        })
        .unwrap();
    }
    with_access(|access| {
        let values = access.read("x", at(0), 16)?;
        assert_eq!(
            (values[..8].to_vec(), values[8..].to_vec()),
            (vec![2.0; 8], vec![8.0; 8])
        );
        Ok(())
    })
    .unwrap();
    free(address).unwrap();
}

#[test]
fn allocations_are_zeroed_aligned_and_counted() {
    let address = alloc(100).unwrap();
    assert_eq!(address % ALIGNMENT, 0);
    let all_zero = with_access(|access| {
        Ok(access
            .read("a", address as f64, 25)?
            .iter()
            .all(|&x| x == 0.0))
    });
    assert_eq!(all_zero, Ok(true));
    assert!(usage().0 >= 100);
    free(address).unwrap();
    assert!(alloc(usize::MAX).is_err());
}
