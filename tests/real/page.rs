//! The HTML page of access and audit in Chromium: narrow and wide, light and dark, with 5,000 entries and with hostile names.

use eksso::domain::access::Listed;
use eksso::domain::access::grant::{Grant, Life};
use eksso::ui::page::PageFinding;

use crate::access::views::{HOSTILE, cluster, developer, hostile, page, person};
use crate::real::browser::Chromium;
use crate::support::Desk;

const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const DOWN: &str = "\u{e015}";
const END: &str = "\u{e010}";

fn many() -> Vec<Grant> {
    let one = |number: usize| Grant {
        cluster: cluster(&format!("cluster-{:03}", number / 25)),
        principal: format!("arn:aws:iam::111122223333:role/team-{number:04}"),
        kind: eksso::domain::access::grant::PrincipalKind::PermissionSet { set: format!("Team{number:04}") },
        people: Listed::Seen(vec![
            person("group", &format!("Team {number:04}"), ""),
            person("user", &format!("user{number:04}@corp.example"), &format!("Team {number:04}")),
        ]),
        life: if number.is_multiple_of(7) { Life::Dead("gone".into()) } else { Life::Alive },
        ..developer("web")
    };
    (0..5_000).map(one).collect()
}

/// Neither the page nor anything that is not made to scroll is wider than the window.
const OVERFLOW: &str = "return document.documentElement.scrollWidth - innerWidth";
const NODES: &str = "return document.querySelectorAll('*').length";
const COUNT: &str = "return document.querySelector('.panel:not([hidden]) .count').textContent";

#[test]
#[ignore = "real part: Chromium"]
fn five_thousand_entries_stay_quick_in_a_page_of_few_nodes_narrow_and_wide() {
    let desk = Desk::new();
    let path =
        desk.write("access.html", &page(&many(), None, "Access", &["batch: access entries: AccessDenied".into()]));
    let url = format!("file://{}", path.display());
    let chromium = Chromium::start(&desk);
    for (width, scheme) in [(400, "dark"), (1_400, "light")] {
        chromium.open(&url, width, scheme);
        assert_eq!(chromium.script(COUNT), "5000 of 5000 mappings");
        assert!(chromium.script(OVERFLOW).as_i64() <= Some(0), "{width}: {}", chromium.script(OVERFLOW));
        let back = chromium.script("return getComputedStyle(document.body).backgroundColor");
        assert_eq!(back, if scheme == "dark" { "rgb(13, 17, 23)" } else { "rgb(255, 255, 255)" });
        let nodes = chromium.script(NODES).as_u64().expect("a number");
        assert!(nodes < 1_500, "{width}: {nodes} nodes");
        // A word that one entry has leads to it; what it takes is told by the browser's own clock.
        chromium.keys("/user4321");
        let took = chromium.script(
            "const from = performance.now(); document.getElementById('search').dispatchEvent(new Event('input', { bubbles: true })); \
             return performance.now() - from",
        );
        assert!(took.as_f64().expect("a number") < 200.0, "a search takes {took} ms");
        assert_eq!(chromium.script(COUNT), "1 of 5000 mappings");
        let shown = chromium.script("return document.querySelector('#access-grid .row').innerText");
        assert!(shown.as_str().expect("text").contains("Team4321"), "{shown}");
        // Down into the table, Enter opens the graph of that one entry, Escape closes it.
        chromium.keys(&format!("{DOWN}{ENTER}"));
        let nodes = chromium
            .script("return [...document.querySelectorAll('#graph .node title')].map((one) => one.textContent)");
        let nodes: Vec<&str> = nodes.as_array().expect("a list").iter().filter_map(|node| node.as_str()).collect();
        for label in ["user4321@corp.example", "Team 4321", "Team4321", "group developers", "edit:web", "View:web"] {
            assert!(nodes.contains(&label), "{label}: {nodes:?}");
        }
        assert!(chromium.script("return document.querySelectorAll('#graph .edge').length").as_u64() >= Some(6));
        assert!(chromium.script(OVERFLOW).as_i64() <= Some(0), "{width}: with a graph");
        chromium.keys(ESCAPE);
        assert_eq!(chromium.script("return document.getElementById('detail').hidden"), true);
        // Escape in the search empties it; the end of the list is a key away, and the page stays small.
        chromium.keys(&format!("/{ESCAPE}{DOWN}{END}"));
        assert_eq!(chromium.script(COUNT), "5000 of 5000 mappings");
        let last = chromium.script("return document.querySelector('#access-grid [aria-selected=true]').innerText");
        assert!(last.as_str().expect("text").contains("Team4999"), "{last}");
        assert!(chromium.script(NODES).as_u64() < Some(1_500));
        // A whole cluster: as much as can be read is drawn, the rest is counted.
        chromium.keys(ENTER);
        chromium.script(
            "document.querySelectorAll('#graph .node')[2].dispatchEvent(new MouseEvent('click', { bubbles: true }))",
        );
        let title = chromium.script("return document.getElementById('detail-title').textContent");
        chromium.script(
            "[...document.querySelectorAll('#graph .node')].find((node) => node.getAttribute('aria-label').startsWith('Cluster')) \
             .dispatchEvent(new MouseEvent('click', { bubbles: true }))",
        );
        let title_then = chromium.script("return document.getElementById('detail-title').textContent");
        assert!(title_then.as_str().expect("text").starts_with("Cluster "), "{title} {title_then}");
        assert!(chromium.script(NODES).as_u64() < Some(2_000));
        assert!(chromium.script(OVERFLOW).as_i64() <= Some(0), "{width}: with a cluster's graph");
        chromium.keys(ESCAPE);
        // Filters.
        chromium.script(
            "const state = document.getElementById('by-state'); state.value = '=dead'; \
             state.dispatchEvent(new Event('input', { bubbles: true }))",
        );
        assert_eq!(chromium.script(COUNT), "715 of 5000 mappings");
        assert_eq!(chromium.log(), Vec::<serde_json::Value>::new(), "{width}");
    }
    // On paper stand all rows that the filters leave; afterwards the page is small again.
    let of = |wanted: &str| {
        chromium.open(&url, 1_400, "light");
        chromium.keys("/");
        chromium.keys(wanted);
        chromium.print().len()
    };
    let (few, some) = (of("user4321"), of("user43"));
    assert!(some > few + 1_000, "{few} {some}");
    chromium.script("dispatchEvent(new Event('beforeprint'))");
    assert_eq!(chromium.script("return document.querySelectorAll('#paper tbody tr').length"), 100);
    chromium.script("dispatchEvent(new Event('afterprint'))");
    assert_eq!(chromium.script("return document.querySelectorAll('#paper *').length"), 0);
}

#[test]
#[ignore = "real part: Chromium"]
fn hostile_names_are_text_in_chromium() {
    let desk = Desk::new();
    let grants: Vec<Grant> = HOSTILE.iter().map(|text| hostile(text)).collect();
    let findings: Vec<PageFinding> = HOSTILE
        .iter()
        .map(|text| {
            let own = || (*text).to_owned();
            PageFinding {
                id: own(),
                severity: own(),
                title: own(),
                why: own(),
                fix: own(),
                resource: own(),
                cluster: own(),
                tags: vec![own()],
                suppressed: own(),
            }
        })
        .collect();
    let chromium = Chromium::start(&desk);
    for (number, title) in HOSTILE.iter().enumerate() {
        let notes: Vec<String> = HOSTILE.map(str::to_owned).to_vec();
        let path = desk.write(&format!("{number}.html"), &page(&grants, Some(&findings), title, &notes));
        chromium.open(&format!("file://{}", path.display()), 400, "light");
        assert_eq!(
            chromium.script("return document.querySelector('[role=tab][aria-selected=true]').id"),
            "tab-findings"
        );
        // Everything is opened: each finding, each entry with its graph, the notes, the paper.
        let opened = chromium.script(
            "const wait = () => new Promise((done) => requestAnimationFrame(done)); \
             let opened = 0; \
             for (const tab of ['findings', 'access', 'notes']) { \
               document.getElementById(`tab-${tab}`).click(); \
               dispatchEvent(new Event('beforeprint')); \
               const grid = document.querySelector(`#${tab} .scroller`); \
               for (let at = 0; grid && at < 12; at += 1) { \
                 grid.dispatchEvent(new KeyboardEvent('keydown', { key: at ? 'ArrowDown' : 'Home' })); \
                 grid.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' })); \
                 await wait(); \
                 for (const node of document.querySelectorAll('#graph .node')) node.dispatchEvent(new MouseEvent('click', { bubbles: true })); \
                 opened += 1; \
               } \
             } \
             return opened",
        );
        assert_eq!(opened, 24);
        assert!(chromium.script("return window.broken === undefined").as_bool() == Some(true), "{title:?}");
        let foreign = chromium.script(
            "return document.querySelectorAll('img, iframe, object, embed, a, link, base, form[action], [onload], [onerror], main script').length",
        );
        assert_eq!(foreign, 0, "{title:?}");
        let text = chromium.script("return document.body.textContent");
        let text = text.as_str().expect("text");
        assert!(text.contains("<img src=x onerror=window.broken=1>") && !text.contains('\u{202e}'), "{title:?}");
        assert!(chromium.script(OVERFLOW).as_i64() <= Some(0), "{title:?}");
        assert_eq!(chromium.log(), Vec::<serde_json::Value>::new(), "{title:?}");
    }
    // Another script than the page's own does not run, however it came in.
    let broken = page(&grants, None, "t", &[])
        .replace("<div id=\"paper\">", "<script>window.broken=1</script><div id=\"paper\">");
    let path = desk.write("broken.html", &broken);
    chromium.open(&format!("file://{}", path.display()), 400, "light");
    assert!(chromium.script("return window.broken === undefined").as_bool() == Some(true));
    assert!(
        chromium
            .log()
            .iter()
            .any(|line| line["message"].as_str().is_some_and(|text| text.contains("Content Security Policy")))
    );
}
