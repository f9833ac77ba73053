//! Bytes on their way in.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::symlink;

use futures_util::future::join_all;
use reqwest::{Body, Method};
use serde_json::json;

use crate::support::client::{Client, id, send};
use crate::support::content::{digest_of, noise};
use crate::support::{Content, World};

/// Whether the registry has these bytes.
async fn is_there(client: &Client, bytes: &[u8]) -> bool {
    client.begin_upload(bytes).await["complete"] == true
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_come_in_as_many_pieces_as_the_client_likes() {
    let world = World::new().await;
    let bytes = noise(20 << 20, 7);
    let upload = world.admin.begin_upload(&bytes).await;
    let mut at = 0;
    for length in [1, 8 << 20, (8 << 20) + 5, 1 << 20] {
        let answer = world.admin.send_bytes(id(&upload), at, &bytes[at..at + length]).await.ok();
        at += length;
        assert_eq!((&answer["complete"], &answer["offset"]), (&json!(false), &json!(at)));
    }
    let answer = world.admin.send_bytes(id(&upload), at, &bytes[at..]).await;
    assert_eq!((answer.header("upload-offset"), &answer.ok()["complete"]), ("20971520", &json!(true)));
    assert!(is_there(&world.admin, &bytes).await);
    world.admin.get(&format!("/uploads/{}", id(&upload))).await.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_are_stored_once_however_many_send_them_at_once() {
    let world = World::new().await;
    let other = world.person("ada", Some(("acme", "publisher"))).await;
    let bytes = noise(9 << 20, 3);
    join_all([&world.admin, &world.admin, &other, &other].map(|client| client.upload(&bytes))).await;
    assert!(is_there(&world.admin, &bytes).await && is_there(&other, &bytes).await);
    assert_eq!(world.count("SELECT count(*) FROM blobs").await, 1);
    let hex = digest_of(&bytes).replace("sha256:", "");
    let stored = world.data.path().join("blobs/sha256").join(&hex[..2]).join(&hex);
    assert!(std::fs::read(stored).unwrap() == bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_blob_needs_no_bytes() {
    let world = World::new().await;
    assert_eq!(world.admin.begin_upload(b"").await["complete"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_bytes_than_announced_are_refused_and_forgotten() {
    let world = World::new().await;
    let bytes = noise(1000, 1);
    let upload = world.admin.begin_upload(&bytes).await;
    let wrong = world.admin.send_bytes(id(&upload), 0, &noise(1000, 2)).await;
    wrong.refused(422, "digest_mismatch");
    let again = world.admin.begin_upload(&bytes).await;
    assert_eq!(again["offset"], 0);
    assert_ne!(again["id"], upload["id"]);
    assert_eq!(world.admin.send_bytes(id(&again), 0, &bytes).await.ok()["complete"], true);
    assert_eq!(std::fs::read_dir(world.data.path().join("blobs/uploads")).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_upload_stays_unfinished_and_a_release_of_it_is_not_taken() {
    let world = World::new().await;
    let content = Content::new("acme/x", "head", "1.0.0").with_file("a.txt", "0123456789");
    let draft = world.admin.draft(&content).await;
    let upload = world.admin.begin_upload(b"0123456789").await;
    let answer = world.admin.send_bytes(id(&upload), 0, b"01234").await.ok();
    assert_eq!((&answer["complete"], &answer["offset"]), (&json!(false), &json!(5)));
    let submit = format!("/drafts/{}/submit", id(&draft));
    let problem = world.admin.post(&submit, json!({})).await.refused(409, "blob_missing");
    assert_eq!(problem["findings"][0]["subject"], "a.txt");
    world.admin.send_bytes(id(&upload), 5, b"56789").await.ok();
    assert_eq!(world.admin.post(&submit, json!({})).await.status, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_bytes_than_announced_are_refused_whether_or_not_their_length_was_given() {
    let world = World::new().await;
    let bytes = noise(1000, 1);
    let upload = world.admin.begin_upload(&bytes).await;
    let mut more = bytes.clone();
    more.push(0);
    world.admin.send_bytes(id(&upload), 0, &more).await.refused(422, "upload_length_mismatch");
    let stream = futures_util::stream::iter([bytes.clone(), vec![0]].map(Ok::<_, std::io::Error>));
    let request = world.admin.request(Method::PATCH, &format!("/uploads/{}", id(&upload)));
    let answer = send(request.header("Upload-Offset", 0).body(Body::wrap_stream(stream))).await;
    answer.refused(422, "upload_length_mismatch");
    assert!(!is_there(&world.admin, &bytes).await);
    world.admin.upload(&bytes).await;
    let announced = json!({"digest": digest_of(&bytes), "size": 999});
    world.admin.post("/uploads", announced).await.refused(422, "upload_length_mismatch");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offset_other_than_the_next_is_refused_and_the_right_one_is_told() {
    let world = World::new().await;
    let bytes = noise(100, 1);
    let upload = world.admin.begin_upload(&bytes).await;
    world.admin.send_bytes(id(&upload), 0, &bytes[..10]).await.ok();
    for offset in [0, 9, 11, 100, 1000] {
        let answer = world.admin.send_bytes(id(&upload), offset, &bytes[10..]).await;
        answer.refused(409, "upload_offset_mismatch");
    }
    let path = format!("/uploads/{}", id(&upload));
    assert_eq!(world.admin.get(&path).await.header("upload-offset"), "10");
    let head = send(world.admin.request(Method::HEAD, &path)).await;
    assert_eq!((head.status, head.header("upload-offset"), head.body.len()), (200, "10", 0));
    let answer = send(world.admin.request(Method::PATCH, &path).body("x")).await;
    answer.refused(400, "bad_request");
    let answer =
        send(world.admin.request(Method::PATCH, &path).header("Upload-Offset", "ten").body("x")).await;
    answer.refused(400, "bad_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_connection_broke_goes_on_where_it_stopped() {
    let world = World::new().await;
    let bytes = noise(20 << 20, 5);
    let upload = world.admin.begin_upload(&bytes).await;
    let cut = (8 << 20) + 12_345;
    send_and_break(&world.admin, id(&upload), bytes.len(), &bytes[..cut]);
    let path = format!("/uploads/{}", id(&upload));
    let mut offset = 0;
    for _ in 0..100 {
        offset = usize::try_from(world.admin.get(&path).await.ok()["offset"].as_u64().unwrap()).unwrap();
        if offset == cut {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    // Whole parts at least; a folder takes every byte that came.
    assert!(((8 << 20)..=cut).contains(&offset), "{offset}");
    assert_eq!(world.admin.begin_upload(&bytes).await["id"], upload["id"]);
    assert_eq!(world.admin.send_bytes(id(&upload), offset, &bytes[offset..]).await.ok()["complete"], true);
}

/// Announces `length` bytes, sends some, and hangs up.
fn send_and_break(client: &Client, upload: &str, length: usize, bytes: &[u8]) {
    let host = client.base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let token = client.token.as_ref().unwrap();
    write!(
        stream,
        "PATCH /api/v1/uploads/{upload} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
         Upload-Offset: 0\r\nContent-Length: {length}\r\n\r\n"
    )
    .unwrap();
    stream.write_all(bytes).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    // The server says nothing more to somebody who hung up, or closes.
    let _ = stream.read_to_end(&mut Vec::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_write_at_the_same_offset_one_is_told_and_the_blob_is_right() {
    let world = World::new().await;
    let bytes = noise(17 << 20, 11);
    let upload = world.admin.begin_upload(&bytes).await;
    let both = [0, 1].map(|_| world.admin.send_bytes(id(&upload), 0, &bytes));
    let mut statuses: Vec<u16> = Vec::new();
    for answer in join_all(both).await {
        if answer.status == 409 {
            answer.refused(409, "upload_offset_mismatch");
        } else if answer.status == 404 {
            answer.refused(404, "not_found");
        }
        statuses.push(answer.status);
    }
    statuses.sort_unstable();
    assert!(statuses == [200, 409] || statuses == [200, 404], "{statuses:?}");
    assert!(is_there(&world.admin, &bytes).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_upload_is_hidden() {
    let world = World::new().await;
    let other = world.person("ada", Some(("acme", "publisher"))).await;
    let bytes = noise(100, 1);
    let upload = world.admin.begin_upload(&bytes).await;
    let path = format!("/uploads/{}", id(&upload));
    other.get(&path).await.refused(404, "not_found");
    other.delete(&path).await.refused(404, "not_found");
    other.send_bytes(id(&upload), 0, &bytes).await.refused(404, "not_found");
    let own = other.begin_upload(&bytes).await;
    assert_ne!(own["id"], upload["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aborted_upload_leaves_nothing() {
    let world = World::new().await;
    let bytes = noise(100, 1);
    let upload = world.admin.begin_upload(&bytes).await;
    world.admin.send_bytes(id(&upload), 0, &bytes[..50]).await.ok();
    let path = format!("/uploads/{}", id(&upload));
    assert_eq!(world.admin.delete(&path).await.status, 204);
    world.admin.get(&path).await.refused(404, "not_found");
    assert_eq!(std::fs::read_dir(world.data.path().join("blobs/uploads")).unwrap().count(), 0);
    assert_eq!(world.admin.begin_upload(&bytes).await["offset"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_meets_a_full_disk_goes_on_when_there_is_room_again() {
    let world = World::new().await;
    let bytes = noise(12 << 20, 9);
    let upload = world.admin.begin_upload(&bytes).await;
    let first = 8 << 20;
    world.admin.send_bytes(id(&upload), 0, &bytes[..first]).await.ok();
    // Every write to this device fails as on a full disk, for whoever runs the test.
    let file = world.data.path().join("blobs/uploads").join(id(&upload));
    let aside = world.data.path().join("aside");
    std::fs::rename(&file, &aside).unwrap();
    symlink("/dev/full", &file).unwrap();
    let answer = world.admin.send_bytes(id(&upload), first, &bytes[first..]).await;
    let problem = answer.refused(507, "insufficient_storage");
    assert_eq!((&problem["retryable"], answer.headers.contains_key("retry-after")), (&json!(true), true));
    assert!(!is_there(&world.admin, &bytes).await);
    std::fs::remove_file(&file).unwrap();
    std::fs::rename(&aside, &file).unwrap();
    assert_eq!(world.admin.begin_upload(&bytes).await["offset"], first);
    assert_eq!(world.admin.send_bytes(id(&upload), first, &bytes[first..]).await.ok()["complete"], true);
}
