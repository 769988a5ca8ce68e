//! The arithmetic of the scale bench: a model that is fitted to what it made itself finds its own prices.

#[allow(dead_code, reason = "shared with the bench, which draws more")]
#[path = "../benches/service/scale/chart.rs"]
mod chart;
#[allow(dead_code, reason = "shared with the bench")]
#[path = "../benches/service/scale/model.rs"]
mod model;

use chart::Chart;
use model::{Model, Sample};

fn samples(prices: &[f64], rates: &[&[f64]]) -> Vec<Sample> {
    let model = Model(prices.to_vec());
    let sample = |rates: &&[f64]| Sample { cost: model.cost(rates), rates: rates.to_vec() };
    rates.iter().map(sample).collect()
}

fn close(found: &Model, prices: &[f64]) -> bool {
    found.0.iter().zip(prices).all(|(found, price)| (found - price).abs() < 1e-6 * (1.0 + price))
}

#[test]
fn prices_that_made_the_samples_are_found() {
    let prices = [5_000.0, 95.0, 6.5];
    let rates: [&[f64]; 4] =
        [&[1.0, 40.0, 40.0], &[1.0, 40.0, 40_000.0], &[1.0, 1_000.0, 20_000.0], &[1.0, 0.0, 0.0]];
    let found = Model::fit(&samples(&prices, &rates)).expect("they differ enough");
    assert!(close(&found, &prices), "{found:?}");
}

#[test]
fn small_samples_count_as_much_as_large_ones() {
    let mut samples = samples(&[100.0], &[&[1.0], &[1_000_000.0]]);
    samples[0].cost *= 1.5;
    let found = Model::fit(&samples).expect("one thing").0[0];
    // By absolute errors the large one alone would decide: 100.
    assert!((115.0..116.0).contains(&found), "{found}");
}

#[test]
fn nothing_has_a_negative_price() {
    let samples = [
        Sample { rates: vec![1.0, 0.0], cost: 100.0 },
        Sample { rates: vec![1.0, 1.0], cost: 90.0 },
        Sample { rates: vec![2.0, 0.0], cost: 200.0 },
    ];
    let found = Model::fit(&samples).expect("they differ enough");
    assert_eq!(found.0[1], 0.0);
    assert!((90.0..100.0).contains(&found.0[0]), "{found:?}");
}

#[test]
fn things_that_always_come_together_can_not_be_told_apart() {
    let together: [&[f64]; 3] = [&[1.0, 2.0], &[2.0, 4.0], &[5.0, 10.0]];
    assert!(Model::fit(&samples(&[10.0, 1.0], &together)).is_none());
    assert!(Model::fit(&[]).is_none());
}

#[test]
fn the_error_is_a_share_of_what_was_measured() {
    let sample = Sample { rates: vec![10.0], cost: 80.0 };
    assert!((Model(vec![10.0]).error(&sample) - 0.25).abs() < 1e-9);
}

#[test]
fn a_chart_has_every_point_within_its_frame() {
    let points = [(1.0, 0.5), (1_000.0, 700.0)];
    let chart =
        Chart { title: "a < b", across: "members", up: "µs", points: &points, line: &points };
    let svg = chart.svg();
    assert_eq!(svg.matches("<circle").count(), 2);
    assert!(svg.contains("a &lt; b") && svg.ends_with("</svg>\n"));
    let number = |text: &str| text.split('"').next().and_then(|n| n.parse::<f64>().ok());
    let places: Vec<f64> = svg.split("cx=\"").skip(1).filter_map(number).collect();
    assert!(places.len() == 2 && places.iter().all(|x| (0.0..=604.0).contains(x)), "{places:?}");
}
