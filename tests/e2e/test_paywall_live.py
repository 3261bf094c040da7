"""What the price page does in a browser: the price follows the number, and the table folds and prints."""

import pytest
from playwright.sync_api import expect

from tests.e2e.people import wait_until_painted, wait_until_still


@pytest.mark.shows("P4")
def test_the_price_follows_the_number_that_is_typed_and_the_button_carries_it(new_person):
    page = new_person().page
    page.goto("/pricing/?period=MONTHLY")
    card = page.locator("[data-plan=plan-business]")
    page.evaluate("window.stays = true")
    card.get_by_label("Seats").fill("30")
    card.get_by_text("$400").first.wait_for()  # 20 seats at $14 and 10 at $12
    assert "quantity-feature-seats=30" in card.locator("[data-action]").get_attribute("href")
    assert "quantity-plan-business=30" in page.url
    assert page.evaluate("window.stays") is True
    page.get_by_role("link", name="Yearly").click()
    page.wait_for_url("**period=ANNUALLY**")
    assert card.get_by_label("Seats").input_value() == "30"


@pytest.mark.shows("P12")
def test_the_table_folds_and_a_folded_one_prints(new_person):
    page = new_person().page
    page.goto("/pricing/")
    cell = page.get_by_role("cell", name="Priority support").first
    expect(cell).to_be_visible()
    page.get_by_text("Compare every detail").click()
    expect(cell).to_be_hidden()
    page.emulate_media(media="print")
    assert page.locator(".compare table").bounding_box()["height"] > 200


WINDOWS = [(390, 844), (700, 700), (1280, 720), (1080, 1920), (2560, 1440)]


@pytest.mark.parametrize(("width", "height"), WINDOWS)
def test_what_follows_the_plans_comes_after_the_first_frame_and_nothing_is_seen_to_move(new_person, width, height):
    page = new_person(viewport={"width": width, "height": height}).page
    page.add_init_script("""
      window.frames_seen = [];
      requestAnimationFrame(function look() {
        const parts = [".compare", ".plan__more"].map((name) => document.querySelector(name));
        const seen = parts.map((part) => part && getComputedStyle(part).visibility);
        if (parts[0]) frames_seen.push(seen);
        if (!parts[0] || seen.includes("hidden")) requestAnimationFrame(look);
      });
    """)
    page.goto("/pricing/?period=MONTHLY")
    page.wait_for_function("() => frames_seen.at(-1)?.every((each) => each === 'visible')")
    more = "hidden" if (width, height) == (1280, 720) else "visible"
    assert page.evaluate("frames_seen[0]") == ["hidden", more]
    moved = page.evaluate("""
      () => new Promise((tell) => {
        new PerformanceObserver((list) => tell(list.getEntries().map((shift) => shift.value)))
          .observe({type: "layout-shift", buffered: true});
        setTimeout(() => tell([]), 1000);
      })
    """)
    assert moved == []


def test_another_size_of_the_window_hides_nothing_that_was_there(new_person):
    page = new_person(viewport={"width": 1280, "height": 900}).page
    page.goto("/pricing/?period=MONTHLY")
    wait_until_still(page)
    for width, height in ((1280, 700), (1100, 700), (1280, 720), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        for part in (".plan__more", ".compare"):
            assert page.locator(part).first.evaluate("(part) => getComputedStyle(part).visibility") == "visible"


@pytest.mark.parametrize(("width", "height"), WINDOWS[:3])
def test_a_link_to_a_plan_leads_there_and_a_reload_stays_where_it_was(new_person, width, height):
    page = new_person(viewport={"width": width, "height": height}).page

    def top_of(selector, *, when_seen):
        page.wait_for_function(
            """
              (name) => document.querySelector(name)
                .checkVisibility({contentVisibilityAuto: true, visibilityProperty: true})
            """,
            arg=when_seen,
        )
        wait_until_painted(page)
        return page.locator(selector).bounding_box()["y"]

    page.goto("/pricing/?period=MONTHLY#plan-business")
    assert 0 <= top_of("#plan-business", when_seen=".plan__more") < height / 2

    for selector, inside in (
        ("#plan-enterprise", "#plan-enterprise .plan__more"),
        (".questions", ".questions summary"),
    ):
        page.goto("/pricing/?period=MONTHLY")
        top_of(selector, when_seen=".plan__more")
        page.locator(selector).evaluate("(part) => part.scrollIntoView({block: 'center'})")
        before = top_of(selector, when_seen=inside)
        for _ in range(3):  # Chromium went back now by what had stood in the window, now by how far it was scrolled.
            page.reload()
            assert abs(top_of(selector, when_seen=inside) - before) < 2


@pytest.mark.shows("P4")
def test_only_the_card_that_asks_for_quantities_is_as_tall_as_these_make_it(new_person):
    page = new_person().page
    page.goto("/pricing/?period=MONTHLY")

    def below(plan_id):
        """Where the plan's list begins, and how far below its button, in pixels."""
        card = page.locator(f"[data-plan={plan_id}]")
        button, more = (card.locator(part).bounding_box() for part in ("[data-action]", ".plan__more"))
        return more["y"], more["y"] - (button["y"] + button["height"])

    lists, gaps = zip(*(below(f"plan-{name}") for name in ("free", "starter", "pro", "business")), strict=True)
    assert max(gaps) < 40
    assert len(set(lists[:3])) == 1
    assert lists[3] > lists[0]
