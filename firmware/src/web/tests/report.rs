//! The support bundle over the air.

use super::rig::Rig;
use crate::erase;
use crate::report;
use crate::web::server::Limits;

const PORTAL: &str = "localhost:8080";

async fn file(rig: &Rig) -> (String, Vec<u8>) {
    let reply = rig.get(PORTAL, "/report.sbr", "").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let name = reply.header("content-disposition").unwrap_or_default();
    (name.to_owned(), reply.body)
}

async fn box_id(rig: &Rig) -> String {
    let reply = rig.get(PORTAL, "/api/v1/status", "").await;
    let status: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    status["box_id"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_report_of_before_is_not_served_once_everyone_is_forgotten() {
    let rig = Rig::start(64, Limits::HOUSE).await;
    report::key::open_or_make(rig.stores.data()).unwrap();
    let (known, before) = (box_id(&rig).await, file(&rig).await);
    assert_eq!(known.len(), 16);
    assert!(before.0.contains(&known), "{}", before.0);
    assert_eq!(
        file(&rig).await,
        before,
        "the control: one serves for a while"
    );

    let stores = rig.stores.clone();
    let erased = tokio::task::spawn_blocking(move || erase::everyone(&stores));
    erased.await.unwrap().unwrap();
    let after = file(&rig).await;
    let another = box_id(&rig).await;
    assert!(another.len() == 16 && another != known, "{another}");
    assert!(after.0.contains(&another), "{}", after.0);
    assert_ne!(after.1, before.1);
    assert_eq!(file(&rig).await, after);
}
