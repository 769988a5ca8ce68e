"""The results of one kind of work as a table for docs/BENCHMARKS.md."""

from statistics import median


def table(work):
    columns = COLUMNS[work["lists"]]
    lines = [f"\n**{work['title']}**\n", "| system | " + " | ".join(name for name, _ in columns) + " |",
             "|---|" + "---|" * len(columns)]
    for peer, rounds in work["peers"].items():
        good = [result for result in rounds if "error" not in result]
        if not good:
            told = rounds[-1]["error"].splitlines()[-1] if rounds and rounds[-1]["error"] else "nothing"
            lines.append(f"| {peer} | failed: {told} |" + " |" * (len(columns) - 1))
            continue
        lines.append(f"| {peer} | " + " | ".join(middle(good, column) for _, column in columns) + " |")
    for peer, rounds in work["peers"].items():
        doubts = sorted({doubt for result in rounds for doubt in result.get("warnings", [])})
        lines += [f"\n{peer}: {doubt}" for doubt in doubts]
    return "\n".join(lines)


def middle(results, column):
    values = [value for value in map(column, results) if value is not None]
    return figure(median(values)) if values else "–"


def figure(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def phase(result):
    return result["phases"][0]


def process(processes, name):
    return next((one for one in processes if one["name"] == name), None)


def cpu(name, key="cpuMicrosEach"):
    def of(result):
        one = process(phase(result)["processes"], name)
        return one and one[key]
    return of


def beside(result):
    """What the servers beside it took for each delivery."""
    others = [one["cpuMicrosEach"] or 0 for one in phase(result)["processes"] if one["name"] != "server"]
    return sum(others) if others else None


def for_each_ack(name):
    def of(result):
        one = process(phase(result)["processes"], name)
        acked = phase(result)["acked"]
        return one["cpuSeconds"] * 1e6 / acked if one and acked else None
    return of


def share(result):
    """Of one processor, in percent."""
    one = process(phase(result)["processes"], "server")
    return one and one["cpuSeconds"] / phase(result)["seconds"] * 100


def latency(of, share):
    def found(result):
        spread = phase(result)[of]
        return spread[share] if spread["count"] else None
    return found


def delivery(share):
    def found(result):
        return latency("deliveryMs", share)(result) or latency("cursorMs", share)(result)
    return found


def connecting(key):
    return lambda result: result["connecting"][key]


def connected(key):
    def of(result):
        one = process(result["connecting"]["processes"], "server")
        return one and one[key]
    return of


def own(result):
    return phase(result)["own"]["cpuMicrosEach"]


COLUMNS = {
    "deliveries": [
        ("CPU a delivery, µs", cpu("server")),
        ("beside it, µs", beside),
        ("CPU, % of a core", share),
        ("deliveries a second", lambda result: phase(result)["deliveries"] / phase(result)["seconds"]),
        ("bytes a frame", lambda result: phase(result)["frameBytes"]),
        ("p50, ms", delivery("p50")),
        ("p99, ms", delivery("p99")),
        ("p99.9, ms", delivery("p999")),
        ("kyo-load, µs", own),
    ],
    "acks": [
        ("acks a second", lambda result: phase(result)["acked"] / phase(result)["seconds"]),
        ("CPU an operation, µs", for_each_ack("server")),
        ("PostgreSQL's, µs", for_each_ack("postgres")),
        ("ack p50, ms", latency("ackMs", "p50")),
        ("ack p99, ms", latency("ackMs", "p99")),
        ("ack p99.9, ms", latency("ackMs", "p999")),
    ],
    "connections": [
        ("resident a connection, kB", lambda result: scaled(connected("rssPerConnection")(result))),
        ("connections a second", connecting("perSecond")),
        ("CPU a connection, µs", connected("cpuMicrosEach")),
        ("join p99, ms", lambda result: connecting("joins")(result)["p99"]),
        ("idle, % of a core", share),
    ],
}


def scaled(value):
    return None if value is None else value / 1e3
