//! A film is asked for and booked: the forms, who may send them, and what the power service is asked.

use super::rig::{Reply, Rig};
use crate::services::power::PowerCommand;
use crate::status::sample::{at, story};
use crate::web::server::Limits;
use power_mgmt::{Film, FilmAnswer};
use std::sync::Arc;
use std::time::Duration;

const PORTAL: &str = "localhost:8080";
const OWN: &str = "Origin: http://localhost:8080\r\n";
const BOOK: &str = "start=14%3A00&minutes=90";

/// A box with a plan of the day; whether it trusts its clock.
async fn rig(clock_trusted: bool) -> Rig {
    let rig = Rig::start(16, Limits::HOUSE).await;
    rig.power.send_modify(|report| {
        let mut story = story(at(0, 11 * 60 + 30));
        story.clock_trusted = clock_trusted;
        report.story = Arc::new(story);
        report.on_mains = false;
    });
    rig
}

async fn post(rig: &Rig, host: &str, headers: &str, form: &str) -> Reply {
    let request = format!(
        "POST /sun/film HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{form}",
        form.len()
    );
    rig.raw(request.as_bytes()).await
}

/// What the power service hears while `asking` goes on, answered with `answer`.
async fn answered(
    rig: &mut Rig,
    answer: FilmAnswer,
    asking: impl AsyncFn(&Rig) -> Reply,
) -> (Reply, Vec<String>) {
    let mut heard = Vec::new();
    let (_, none) = tokio::sync::mpsc::channel(1);
    let mut asked = std::mem::replace(&mut rig.asked, none);
    let reply = {
        let asking = asking(rig);
        let mut asking = std::pin::pin!(asking);
        loop {
            tokio::select! {
                reply = &mut asking => break reply,
                Some(command) = asked.recv() => heard.push(answer_to(command, answer)),
            }
        }
    };
    rig.asked = asked;
    (reply, heard)
}

fn answer_to(command: PowerCommand, answer: FilmAnswer) -> String {
    let told = |verb: &str, film: &Film| {
        let minute = film.start.minute();
        format!(
            "{verb} {}:{:02} {} min",
            minute / 60,
            minute % 60,
            film.minutes
        )
    };
    match command {
        PowerCommand::CanShow(film, say) => {
            say.send(answer).unwrap();
            told("can show", &film)
        }
        PowerCommand::BookFilm(film, say) => {
            say.send(answer).unwrap();
            told("book", &film)
        }
        PowerCommand::UnbookFilm(say) => {
            say.send(()).unwrap();
            "unbook".to_owned()
        }
        PowerCommand::Store
        | PowerCommand::SwitchOff
        | PowerCommand::Attention
        | PowerCommand::EnterStorage(_)
        | PowerCommand::LeaveStorage(_)
        | PowerCommand::TryAlarm(_) => panic!("the web asked {command:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_is_answered_on_the_page() {
    let mut rig = rig(true).await;
    let (reply, heard) = answered(
        &mut rig,
        FilmAnswer::Until(at(0, 910)),
        async |rig: &Rig| {
            rig.get(
                PORTAL,
                "/sun?start=14%3A00&minutes=90",
                "Accept-Language: en\r\n",
            )
            .await
        },
    )
    .await;
    assert_eq!(
        (reply.status, heard),
        (200, vec!["can show 14:00 90 min".to_owned()])
    );
    assert!(
        reply.text().contains("Only until 15:10."),
        "{}",
        reply.text()
    );
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_film_is_booked_and_dropped_from_the_portals_own_page() {
    let mut rig = rig(true).await;
    let send = async |rig: &Rig| post(rig, PORTAL, OWN, BOOK).await;
    let (booked, heard) = answered(&mut rig, FilmAnswer::Yes, send).await;
    assert_eq!(
        (booked.status, booked.header("location")),
        (303, Some("/sun#film"))
    );
    assert_eq!(heard, ["book 14:00 90 min"]);
    let (refused, _) = answered(&mut rig, FilmAnswer::No, send).await;
    let question = Some("/sun?start=14:00&minutes=90#film");
    assert_eq!(
        (refused.status, refused.header("location")),
        (303, question)
    );
    let drop = async |rig: &Rig| post(rig, PORTAL, OWN, "cancel=1").await;
    let (dropped, heard) = answered(&mut rig, FilmAnswer::No, drop).await;
    assert_eq!((dropped.status, heard), (303, vec!["unbook".to_owned()]));
}

/// The same request from anywhere else asks the power service nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_else_books_a_film() {
    let mut rig = rig(true).await;
    for (host, headers, status) in [
        (PORTAL, "", 403),
        (PORTAL, "Origin: http://water.localhost:8080\r\n", 403),
        (PORTAL, "Origin: null\r\n", 403),
        (PORTAL, "Origin: http://evil.test\r\n", 403),
        // A host that is not ours has no form: on to the portal.
        ("evil.test", "Origin: http://evil.test\r\n", 303),
    ] {
        let send = async |rig: &Rig| post(rig, host, headers, BOOK).await;
        let (reply, heard) = answered(&mut rig, FilmAnswer::Yes, send).await;
        let told = (reply.status, heard.len());
        assert_eq!(told, (status, 0), "{host} {headers}");
    }
    for (form, status) in [("start=99:00&minutes=90", 400), ("", 400)] {
        let send = async |rig: &Rig| post(rig, PORTAL, OWN, form).await;
        let (reply, heard) = answered(&mut rig, FilmAnswer::Yes, send).await;
        assert_eq!((reply.status, heard.len()), (status, 0), "{form}");
    }
    let large = "x".repeat(2_000);
    assert_eq!(post(&rig, PORTAL, OWN, &large).await.status, 413);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_clock_nothing_is_asked() {
    let mut rig = rig(false).await;
    let ask = async |rig: &Rig| rig.get(PORTAL, "/sun?start=14:00&minutes=90", "").await;
    let (page, heard) = answered(&mut rig, FilmAnswer::Yes, ask).await;
    assert_eq!((page.status, heard.len()), (200, 0));
    let send = async |rig: &Rig| post(rig, PORTAL, OWN, BOOK).await;
    let (_, heard) = answered(&mut rig, FilmAnswer::Yes, send).await;
    assert_eq!(heard.len(), 0);
}

/// A power service between two lives keeps no reader waiting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_service_that_is_gone_is_told() {
    let mut rig = rig(true).await;
    rig.asked.close();
    let asking = rig.get(
        PORTAL,
        "/sun?start=14:00&minutes=90",
        "Accept-Language: en\r\n",
    );
    let page = tokio::time::timeout(Duration::from_secs(8), asking)
        .await
        .unwrap();
    assert!(
        page.text().contains("The box did not answer."),
        "{}",
        page.text()
    );
    assert_eq!(post(&rig, PORTAL, OWN, "cancel=1").await.status, 503);
}
