//! What the schema itself promises, on a real PostgreSQL.

#[path = "support/postgres.rs"]
mod postgres;

#[tokio::test]
async fn every_test_has_an_empty_migrated_database_of_its_own() {
    let (one, other) = (postgres::database().await, postgres::database().await);
    sqlx::raw_sql("INSERT INTO actors (id, name, kind) VALUES (gen_random_uuid(), 'ada', 'person')")
        .execute(&*one)
        .await
        .expect("inserted");
    for (database, expected) in [(&one, 1), (&other, 0)] {
        let actors: i64 =
            sqlx::query_scalar("SELECT count(*) FROM actors").fetch_one(&**database).await.expect("counted");
        assert_eq!(actors, expected);
    }
}

#[tokio::test]
async fn the_address_leads_to_the_same_database() {
    use sqlx::Connection;
    let database = postgres::database().await;
    let mut connection = sqlx::PgConnection::connect(database.url()).await.expect("connected");
    let question = "SELECT current_database()";
    let by_url: String = sqlx::query_scalar(question).fetch_one(&mut connection).await.expect("asked");
    let by_pool: String = sqlx::query_scalar(question).fetch_one(&*database).await.expect("asked");
    assert_eq!(by_url, by_pool);
}

#[tokio::test]
async fn who_holds_an_upload_while_bytes_travel_holds_no_events_back() {
    let database = postgres::database().await;
    let mut tx = database.begin().await.expect("begun");
    cambium::store::uploads::lock(&mut tx, uuid::Uuid::nil()).await.expect("locked");
    let id: Option<String> = sqlx::query_scalar("SELECT pg_current_xact_id_if_assigned()::text")
        .fetch_one(&mut *tx)
        .await
        .expect("asked");
    assert_eq!(id, None, "followers of events wait for every transaction that has an id");
}
