//! What load costs, as a sum: so many microseconds of a core for each thing that is done a second. Pure:
//! takes what was measured, gives what fits it best and how far that is off. No input or output.

/// What was done and what it took.
#[derive(Clone, Debug)]
pub struct Sample {
    /// How often a second each thing was done.
    pub rates: Vec<f64>,
    /// Microseconds of processor time a second.
    pub cost: f64,
}

/// Microseconds of processor time for each thing, in the order of the rates.
#[derive(Clone, Debug, PartialEq)]
pub struct Model(pub Vec<f64>);

impl Model {
    /// The prices, none of them negative, with the least sum of squared relative errors. A thing that
    /// would have a negative price has none: it is covered by the others. None when the samples can't
    /// tell the things apart.
    #[must_use]
    pub fn fit(samples: &[Sample]) -> Option<Self> {
        let things = samples.first()?.rates.len();
        let mut used: Vec<usize> = (0..things).collect();
        loop {
            let prices = least_squares(samples, &used)?;
            let worst = prices.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1))?;
            if *worst.1 >= 0.0 {
                let mut all = vec![0.0; things];
                used.iter().zip(&prices).for_each(|(thing, price)| all[*thing] = *price);
                return Some(Self(all));
            }
            used.remove(worst.0);
        }
    }

    /// What so much should take, in microseconds a second.
    #[must_use]
    pub fn cost(&self, rates: &[f64]) -> f64 {
        self.0.iter().zip(rates).map(|(price, rate)| price * rate).sum()
    }

    /// How far it is off at a sample, as a share of what was measured; positive is too much.
    #[must_use]
    pub fn error(&self, sample: &Sample) -> f64 {
        self.cost(&sample.rates) / sample.cost - 1.0
    }
}

/// Solves the normal equations, each sample weighed by its cost so that small ones count as well.
fn least_squares(samples: &[Sample], used: &[usize]) -> Option<Vec<f64>> {
    let count = used.len();
    let mut rows = vec![vec![0.0; count + 1]; count];
    for sample in samples {
        let at = |n: usize| sample.rates[used[n]] / sample.cost;
        for (n, row) in rows.iter_mut().enumerate() {
            (0..count).for_each(|m| row[m] += at(n) * at(m));
            row[count] += at(n);
        }
    }
    solve(rows)
}

/// Gauss and Jordan, with the largest pivot. The last column is the right side.
fn solve(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let count = rows.len();
    for column in 0..count {
        let largest =
            |a: &usize, b: &usize| rows[*a][column].abs().total_cmp(&rows[*b][column].abs());
        let pivot = (column..count).max_by(largest)?;
        let scale: f64 = rows[pivot].iter().take(count).map(|value| value.abs()).sum();
        if rows[pivot][column].abs() <= scale * 1e-9 {
            return None;
        }
        rows.swap(column, pivot);
        let head = rows[column].clone();
        for (n, row) in rows.iter_mut().enumerate().filter(|(n, _)| *n != column) {
            let factor = row[column] / head[column];
            debug_assert!(n < count, "one row for each column");
            row.iter_mut().zip(&head).for_each(|(value, other)| *value -= factor * other);
        }
    }
    Some((0..count).map(|n| rows[n][count] / rows[n][n]).collect())
}
