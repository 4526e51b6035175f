"""docs/metrics.md is what the records say."""

import metrics_page


def test_the_page_is_made_of_the_records() -> None:
    assert metrics_page.page() == metrics_page.PAGE.read_text(), "run: make docs"


def test_every_metric_says_what_to_alarm_on() -> None:
    assert all(metric.alarm for metric in metrics_page.metrics())
    assert metrics_page.page().count("| `") == len(metrics_page.metrics())
