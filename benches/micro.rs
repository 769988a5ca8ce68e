//! What each hot path costs in time, with the service's allocator. The same paths are counted in
//! instructions by `benches/instructions`.

#[path = "hot/mod.rs"]
mod hot;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

struct Timed<'a> {
    criterion: &'a mut Criterion,
    name: &'static str,
}

impl hot::Bench for Timed<'_> {
    fn work<I, O>(&mut self, mut input: impl FnMut() -> I, mut work: impl FnMut(I) -> O) {
        self.criterion.bench_function(self.name, |bencher| {
            bencher.iter_batched(&mut input, &mut work, BatchSize::SmallInput);
        });
    }

    fn whole<O>(&mut self, mut work: impl FnMut() -> O) {
        self.criterion.bench_function(self.name, |bencher| bencher.iter(&mut work));
    }
}

fn micro(criterion: &mut Criterion) {
    let mut timed = Timed { criterion, name: "" };
    for (name, path) in hot::paths() {
        timed.name = name;
        path(&mut timed);
    }
}

criterion_group!(benches, micro);
criterion_main!(benches);
